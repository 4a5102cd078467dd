import { describe, expect, test } from 'vitest';

import { recordedActions, recordedIo } from '../../../test/support/cli-io.ts';
import { CliFailure, EXIT } from './io.ts';
import { runCli, type CommandAdder } from './program.ts';

const addEcho: CommandAdder = (program, { io }, finish) => {
  program
    .command('echo')
    .argument('[word]')
    .option('--status_code <n>')
    .option('--the-flag')
    .action(
      finish(async (word: string | undefined, flags: object) => {
        if (word === 'fail')
          throw new CliFailure('It cannot be done.', { hint: 'Do something else.', status: EXIT.failed });
        if (word === 'break') throw new Error('unforeseen');
        io.stdout.write(JSON.stringify({ word, flags }));
        return EXIT.failed;
      }),
    );
};

async function run(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const { io, out, err } = recordedIo();
  const identity = { version: '1.2.3', litellmVersion: '1.106.2' };
  const status = await runCli(args, { io, actions: recordedActions().actions, identity }, [addEcho]);
  return { status, out: out(), err: err() };
}

describe('the program', () => {
  test.each(['--version', '-v'])('%s prints both versions', async (flag) => {
    expect(await run(flag)).toEqual({
      status: EXIT.ok,
      out: 'Waymark 1.2.3 (answers the surface of LiteLLM 1.106.2)\n',
      err: '',
    });
  });

  test.each([['--help'], ['-h'], ['help'], ['help', 'echo'], ['echo', '--help']])(
    '%s %s is help on stdout',
    async (...args) => {
      const { status, out, err } = await run(...args);
      expect({ status, err }).toEqual({ status: EXIT.ok, err: '' });
      expect(out).toMatch(/^Usage: waymark/);
    },
  );

  test('a command gets its words and gives its status', async () => {
    const { status, out } = await run('echo', 'word', '--the_flag');
    expect(status).toBe(EXIT.failed);
    expect(JSON.parse(out)).toEqual({ word: 'word', flags: { theFlag: true } });
  });

  test('a failure is told with its hint', async () => {
    expect(await run('echo', 'fail')).toEqual({
      status: EXIT.failed,
      out: '',
      err: 'It cannot be done.\nDo something else.\n',
    });
  });

  test('an unforeseen failure is told with its stack', async () => {
    const { status, err } = await run('echo', 'break');
    expect(status).toBe(EXIT.failed);
    expect(err).toMatch(/^Waymark failed unexpectedly\.\nError: unforeseen\n {4}at /);
  });

  test.each([
    [['echo', '--the-flog'], "Unknown option '--the-flog'\n(Did you mean --the-flag?)\n"],
    [['echo', 'a', 'b'], 'Too many arguments'],
    [['ecko'], "Unknown command 'ecko'\n(Did you mean echo?)\n"],
  ])('%j is refused with what is nearest', async (args, message) => {
    const { status, out, err } = await run(...args);
    expect({ status, out }).toEqual({ status: EXIT.unusable, out: '' });
    expect(err.startsWith(message), err).toBe(true);
  });
});
