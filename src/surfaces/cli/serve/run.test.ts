import { describe, expect, test } from 'vitest';

import { recordedActions, recordedIo, type FakeWorld } from '../../../../test/support/cli-io.ts';
import { ConfigUnusable } from '../actions.ts';
import { EXIT } from '../io.ts';
import { runCli } from '../program.ts';
import { addServe } from './command.ts';

const PATH = '/home/someone/config.yaml';

const yaml = (masterKey: string, more = ''): string => `
model_list:
  - model_name: gpt-4
    litellm_params: {model: openai/fake, api_key: fake-key, api_base: "http://127.0.0.1:1/v1", tags: [free]}
    model_info: {id: free-1}
router_settings: {enable_tag_filtering: true}
general_settings: {${masterKey}${more}}
`;
const STRONG = yaml('master_key: os.environ/KEY');
const WEAK = yaml('master_key: sk-1234');

interface Setting extends FakeWorld {
  readonly failWith?: Error;
  readonly signals?: readonly string[];
}

async function serve(line: string, config: string, { failWith, signals, env = {} }: Setting = {}) {
  const world = recordedIo({ files: { [PATH]: config }, env: { KEY: 'sk-long-enough-to-be-strong', ...env } });
  const recorded = recordedActions({
    ...(failWith === undefined ? {} : { failWith }),
    ...(signals === undefined ? {} : { signals }),
  });
  const identity = { version: '1.2.3', litellmVersion: '1.106.2' };
  const args = line.split(' ').filter((word) => word !== '');
  const status = await runCli(args, { io: world.io, actions: recorded.actions, identity }, [addServe]);
  return { status, out: world.out(), err: world.err(), ...recorded };
}

describe('where it listens', () => {
  test.each([
    ['serve --config config.yaml', STRONG, {}, '0.0.0.0', 4000],
    ['--config config.yaml', STRONG, {}, '0.0.0.0', 4000],
    ['-c config.yaml --port 8080 --host 127.0.0.1', STRONG, {}, '127.0.0.1', 8080],
    ['config.yaml', STRONG, { PORT: '8080' }, '0.0.0.0', 8080],
    ['', STRONG, { CONFIG_FILE_PATH: PATH, HOST: '10.1.1.1' }, '10.1.1.1', 4000],
    ['config.yaml', WEAK, {}, '127.0.0.1', 4000],
    ['config.yaml --insecure-no-auth', WEAK, {}, '0.0.0.0', 4000],
    [
      'config.yaml --host 0.0.0.0',
      yaml('master_key: sk-1234', ', dangerously_permit_weak_or_unset_master_key: true'),
      {},
      '0.0.0.0',
      4000,
    ],
  ])('waymark %s', async (line, config, env, host, port) => {
    const { status, served, out, log } = await serve(line, config, { env });
    expect(status).toBe(EXIT.ok);
    expect(served).toMatchObject([{ host, port }]);
    expect(out).toContain(`running on http://${host}:${port} `);
    expect(log).toEqual(['gateway closed, drain 30', 'signals released']);
  });

  test.each([
    ['config.yaml --host 0.0.0.0', WEAK, {}, /^--host asks to listen on 0\.0\.0\.0, but the master key is under 16/],
    ['config.yaml', yaml(''), { HOST: '10.1.1.1' }, /^HOST asks to listen on 10\.1\.1\.1, but no master key is set/],
    ['config.yaml', STRONG, { PORT: 'http' }, /^PORT is "http"/],
    ['config.yaml --port 70000', STRONG, {}, /from 0 to 65535/],
    ['', STRONG, {}, /^No config was named\.\nWrite --config FILE/],
    ['missing.yaml', STRONG, {}, /missing\.yaml/],
    [
      'serv',
      STRONG,
      {},
      /^There is no command "serv" and no config file of that name\.\nDid you mean "waymark serve"\?/,
    ],
    ['config.yaml --model gpt-4o', STRONG, {}, /^--model is not supported\.\nWaymark serves a config/],
    [
      'config.yaml --detailed_debgu',
      STRONG,
      {},
      /^Unknown option '--detailed-debgu'\n\(Did you mean --detailed-debug\?\)/,
    ],
    ['config.yaml', 'model_list: [', {}, /^The config cannot be used: 1 error\.\nconfig\.yaml:1:\d+ /],
  ])('waymark %s is refused', async (line, config, env, message) => {
    const { status, served, err } = await serve(line, config, { env });
    expect(err).toMatch(message);
    expect(status).toBe(EXIT.unusable);
    expect(served).toEqual([]);
  });
});

test('it says that only this machine is answered, and why', async () => {
  expect((await serve('config.yaml', WEAK)).out).toContain(
    'The master key is under 16 characters or well known: only programs',
  );
  expect((await serve('config.yaml', yaml(''))).out).toContain('No master key is set: only programs');
  expect((await serve('config.yaml', STRONG)).out).not.toContain('only programs');
});

test.each([
  ['', {}, 'info'],
  ['', { LITELLM_LOG: 'ERROR' }, 'warn'],
  ['', { LITELLM_LOG: 'warning' }, 'warn'],
  ['', { LITELLM_LOG: 'DEBUG' }, 'debug'],
  ['--debug', { LITELLM_LOG: 'ERROR' }, 'info'],
  ['--debug', {}, 'info'],
  ['--detailed_debug', {}, 'debug'],
  ['', { DETAILED_DEBUG: 'True' }, 'debug'],
  ['', { DEBUG: '1' }, 'info'],
  ['', { DEBUG: 'express:*', LITELLM_LOG: 'ERROR' }, 'warn'],
])('log level of %s %j', async (line, env, logLevel) => {
  expect((await serve(`config.yaml ${line}`, STRONG, { env })).served).toMatchObject([{ logLevel }]);
});

test("LiteLLM's flags without effect are named in one line", async () => {
  const { status, err } = await serve('--config config.yaml --use_queue --run_gunicorn', STRONG);
  expect(status).toBe(EXIT.ok);
  expect(err).toBe('Without effect here: --run-gunicorn, --use-queue.\n');
});

test('a busy port is an error, never another port', async () => {
  const failWith = Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE' });
  const { status, err } = await serve('config.yaml', STRONG, { failWith });
  expect(status).toBe(EXIT.failed);
  expect(err).toBe(
    'Port 4000 on 0.0.0.0 is in use by another program.\nStop that program, or choose another port with --port.\n',
  );
});

test('a config that the gateway refuses ends with status 2', async () => {
  const failWith = new ConfigUnusable([{ code: 'bad-regex', severity: 'error', message: 'A broken pattern.' }]);
  const { status, err } = await serve('config.yaml', STRONG, { failWith });
  expect(status).toBe(EXIT.unusable);
  expect(err).toContain('A broken pattern.');
});

test('the drain time can be set, and a second signal ends at once', async () => {
  const { log, out } = await serve('config.yaml --drain-timeout 0.5', STRONG, { signals: ['SIGINT', 'SIGINT'] });
  expect(log).toEqual([`exit now ${EXIT.failed}`, 'gateway closed, drain 0.5', 'signals released']);
  expect(out).toContain('SIGINT: no new calls are taken');
});

test('the variables that the config sets win over those of the process', async () => {
  const config = `${STRONG}\nenvironment_variables: {HTTPS_PROXY: "http://proxy:1"}\n`;
  const { served } = await serve('config.yaml', config, { env: { HTTPS_PROXY: 'http://other:1', NO_PROXY: 'a' } });
  expect(served[0]?.env).toMatchObject({ HTTPS_PROXY: 'http://proxy:1', NO_PROXY: 'a' });
});

test('--skip_server_startup reports and does not listen', async () => {
  const { status, served, out } = await serve('config.yaml --skip_server_startup', STRONG);
  expect(status).toBe(EXIT.ok);
  expect(served).toEqual([]);
  expect(out).toMatch(/Set models:\n {4}gpt-4\n[^]*Setup complete\. Skipping server startup\.\n$/);
});

test('no secret is printed', async () => {
  const { out, err } = await serve('config.yaml', yaml('master_key: sk-1234'), {});
  expect(out + err).not.toMatch(/sk-1234|fake-key/);
});
