import { Command } from 'commander';
import { expect, test } from 'vitest';

import { normaliseFlags } from '../argv.ts';
import { addLitellmFlags, litellmFlagsGiven } from './litellm-flags.ts';

function parse(line: string): ReturnType<typeof litellmFlagsGiven> {
  const command = addLitellmFlags(new Command()).exitOverride();
  command.parse(normaliseFlags(line.split(' ')), { from: 'user' });
  return litellmFlagsGiven(command.opts());
}

test.each([
  ['--run_gunicorn --keepalive_timeout 75', ['--run-gunicorn', '--keepalive-timeout'], []],
  ['--drop_params --telemetry False', ['--telemetry', '--drop-params'], []],
  ['--model gpt-4o', [], ['--model']],
  ['-m gpt-4o', [], ['--model']],
  ['--ssl_keyfile_path key.pem', [], ['--ssl-keyfile-path']],
  ['--health', [], ['--health']],
])('%s', (line, withoutEffect, refused) => {
  const given = parse(line);
  expect(given.withoutEffect).toEqual(withoutEffect);
  expect(given.refused.map(({ flag }) => flag)).toEqual(refused);
});

test('flags of LiteLLM are not listed in the help', () => {
  expect(addLitellmFlags(new Command()).helpInformation()).not.toContain('gunicorn');
});
