import { expect, test } from 'vitest';

import { recordedActions, recordedIo, type RecordedActions, type RecordedIo } from '../../../../test/support/cli-io.ts';
import { EXIT } from '../io.ts';
import { runCli } from '../program.ts';
import { addMockUpstream } from './command.ts';

const IDENTITY = { version: '1.2.3', litellmVersion: '1.106.2' };

async function run(line: string, failWith?: Error): Promise<{ status: number } & RecordedIo & RecordedActions> {
  const world = recordedIo();
  const recorded = recordedActions(failWith === undefined ? {} : { failWith });
  const context = { io: world.io, actions: recorded.actions, identity: IDENTITY };
  const status = await runCli(['mock-upstream', ...line.split(' ').filter((word) => word !== '')], context, [
    addMockUpstream,
  ]);
  return { status, ...world, ...recorded };
}

test('without flags it serves on port 9000 of this machine until it is stopped', async () => {
  const { status, simulated, out, log } = await run('');
  expect(status).toBe(EXIT.ok);
  expect(simulated).toEqual([{ port: 9000, host: '127.0.0.1', name: 'simulator', seed: 1, usage: true }]);
  expect(out()).toContain('http://127.0.0.1:9000');
  expect(log).toEqual(['signals released', 'simulator simulator closed']);
});

test('every flag reaches the simulator', async () => {
  const line =
    '--port 0 --host 0.0.0.0 --name slow --models a,b --seed 7 --time-to-first-token lognormal:300:0.5 --tokens-per-second 40.5' +
    ' --answer-tokens uniform:1:9 --errors 429:0.1 --retry-after 2 --cut-streams 0.02 --no-usage --read_bytes_per_second 1000 --embedding-dimensions 8 --json';
  const { simulated, out } = await run(line);
  expect(simulated).toEqual([
    {
      port: 0,
      host: '0.0.0.0',
      name: 'slow',
      models: ['a', 'b'],
      seed: 7,
      timeToFirstToken: 'lognormal:300:0.5',
      tokensPerSecond: 40.5,
      answerTokens: 'uniform:1:9',
      errors: '429:0.1',
      retryAfter: 2,
      cutStreams: 0.02,
      usage: false,
      readBytesPerSecond: 1000,
      embeddingDimensions: 8,
      json: true,
    },
  ]);
  expect(JSON.parse(out())).toEqual({ url: 'http://127.0.0.1:46001', name: 'slow' });
});

test.each([
  ['--cut-streams 2', /share from 0 to 1/],
  ['--tokens-per-second fast', /Write a number, 0 or more/],
  ['--seed 1.5', /Write a whole number/],
  ['--prot 9000', /Did you mean --port/],
  ['9000', /too many arguments/i],
])('%s is refused', async (line, message) => {
  const { status, err, simulated } = await run(line);
  expect(status).toBe(EXIT.unusable);
  expect(err()).toMatch(message);
  expect(simulated).toEqual([]);
});

test('a busy port is an error', async () => {
  const { status, err } = await run('', Object.assign(new Error('listen'), { code: 'EADDRINUSE' }));
  expect(status).toBe(EXIT.failed);
  expect(err()).toContain('Port 9000 on 127.0.0.1 is in use');
});

test("the simulator's own words about an option", async () => {
  const { status, err } = await run('--answer-tokens x', new Error('"x" is not a spread.'));
  expect(status).toBe(EXIT.unusable);
  expect(err()).toContain('"x" is not a spread.');
});
