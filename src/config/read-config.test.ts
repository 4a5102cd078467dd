import { describe, expect, it } from 'vitest';
import type { ConfigReading, DeploymentConfig, GatewayConfig } from './contract.ts';
import { readConfig } from './read-config.ts';
import { toRoutingConfig } from './to-routing.ts';

type Files = Readonly<Record<string, string>>;

function read(text: string | Files, env: Record<string, string> = {}): ConfigReading {
  const files = new Map(Object.entries(typeof text === 'string' ? { 'x.yaml': text } : text));
  const readText = (path: string): string => {
    const found = files.get(path);
    if (found === undefined) throw new Error('no such file');
    return found;
  };
  return readConfig([...files.keys()][0] ?? 'x.yaml', { readText, env });
}

function config(text: string | Files, env: Record<string, string> = {}): GatewayConfig {
  const reading = read(text, env);
  if (reading.config === undefined) throw new Error(JSON.stringify(reading.problems));
  return reading.config;
}

function only(litellmParams: string, rest = '', env: Record<string, string> = {}): DeploymentConfig {
  const [deployment] = config(
    `model_list: [{model_name: g, litellm_params: ${litellmParams}${rest}}]`,
    env,
  ).deployments;
  if (deployment === undefined) throw new Error('no deployment');
  return deployment;
}

const codes = (reading: ConfigReading): string[] => reading.problems.map((problem) => problem.code);

describe('a deployment', () => {
  it.each<[string, string, Partial<DeploymentConfig>]>([
    [
      'numbers in quotes',
      '{model: openai/m, rpm: "60", tpm: 1e5, weight: "0.5", order: 2, timeout: "1.5"}',
      { rpm: 60, tpm: 100_000, weight: 0.5, order: 2, timeoutSeconds: 1.5 },
    ],
    ['base_url for api_base', '{model: openai/m, base_url: http://h/v1}', { apiBase: 'http://h/v1' }],
    ['an unquoted date as a version', '{model: azure/m, api_version: 2024-12-01}', { apiVersion: '2024-12-01' }],
    ['a key that is a number', '{model: openai/m, api_key: 1234}', { apiKey: '1234' }],
    ['one tag that is no list', '{model: openai/m, tags: free}', { tags: ['free'] }],
    ['tags twice', '{model: openai/m, tags: [a, b, " a "]}', { tags: ['a', 'b'] }],
    [
      'patterns, in which white space means itself',
      '{model: openai/m, tag_regex: [" a ", " a "]}',
      { tagRegex: [' a ', ' a '] },
    ],
    ['request_timeout', '{model: openai/m, request_timeout: 7}', { timeoutSeconds: 7 }],
    ['retries', '{model: openai/m, num_retries: 4}', { maxRetries: 4 }],
    ['an Azure token', '{model: azure/m, azure_ad_token: t}', { azureAdToken: 't' }],
    ['a mock', '{model: openai/m, mock_response: "It works"}', { mockResponse: 'It works' }],
    ['no model', '{api_key: k}', { model: '', unbuildable: 'litellm_params.model is missing' }],
    [
      'a base that is a list',
      '{model: openai/m, api_base: [x]}',
      { unbuildable: 'model_list[0].litellm_params.api_base cannot be read' },
    ],
    [
      'tags that cannot be read',
      '{model: openai/m, tags: {a: b}}',
      { tags: [], unbuildable: 'model_list[0].litellm_params.tags is not a list of texts' },
    ],
    ['a weight that cannot be read', '{model: openai/m, weight: heavy}', {}],
    [
      'a variable that is not set',
      '{model: openai/m, api_key: os.environ/NOPE}',
      { unbuildable: 'the environment variable NOPE is not set' },
    ],
    ['a limit whose variable is not set', '{model: openai/m, rpm: os.environ/NOPE}', {}],
  ])('with %s', (_name, params, expected) => {
    const deployment = only(params);
    expect(deployment).toMatchObject(expected);
    if (expected.unbuildable === undefined) expect(deployment.unbuildable).toBeUndefined();
    expect(deployment.weight).toBe(expected.weight);
    expect(deployment.rpm).toBe(expected.rpm);
  });

  it('takes defaults for requests: what the API knows and what nobody knows, not its own settings', () => {
    const params =
      '{model: openai/m, temperature: 0.2, stop: [a], odd_one: {b: 1}, extra_body: {guided: x}, rpm: 3, cooldown_time: 4, mode: chat, input_cost_per_token: 1e-6}';
    expect([...only(params).defaultParams]).toEqual([
      ['temperature', 0.2],
      ['stop', ['a']],
      ['odd_one', { b: 1 }],
      ['guided', 'x'],
    ]);
  });

  it.each<[string, object | undefined]>([
    ['{model: openai/m}', undefined],
    ['{model: openai/m, drop_params: "yes"}', { dropParams: true, dropped: [], allowed: [] }],
    [
      '{model: openai/m, additional_drop_params: [n, "tools[*].x"], allowed_openai_params: [tools]}',
      {
        dropParams: false,
        dropped: [
          { field: 'n', steps: [] },
          { field: 'tools', steps: [{ kind: 'every' }, { kind: 'key', key: 'x' }] },
        ],
        allowed: ['tools'],
      },
    ],
    ['{model: openai/m, additional_drop_params: null}', undefined],
  ])('reads what becomes of parameters: %s', (params, expected) => {
    expect(only(params).parameters).toEqual(expected);
  });

  it('reports paths of parameters that cannot be read, and keeps the others', () => {
    const params = '{model: openai/m, additional_drop_params: ["a..b", n, Upper]}';
    const reading = read(`model_list: [{model_name: g, litellm_params: ${params}}]`);
    expect(codes(reading)).toEqual(['wrong-type']);
    expect(reading.problems[0]?.message).toContain('"a..b", "Upper"');
    expect(reading.config?.deployments[0]?.parameters?.dropped).toEqual([{ field: 'n', steps: [] }]);
  });

  it('reads headers in lower case and leaves out what cannot be sent', () => {
    const reading = read(
      'model_list: [{model_name: g, litellm_params: {model: openai/m, extra_headers: {X-A: 1, "b c": x, d: "a\\nb"}}}]',
    );
    expect([...(reading.config?.deployments[0]?.extraHeaders ?? [])]).toEqual([['x-a', '1']]);
    expect(codes(reading).filter((code) => code === 'bad-header')).toHaveLength(2);
  });

  it('shows no secret', () => {
    const params =
      '{model: openai/m, api_key: top-secret, aws_secret_access_key: top-secret, api_base: "http://u:top-secret@h/v1?key=top-secret", extra_headers: {x: top-secret}, nested: {password: top-secret}, max_tokens: 5}';
    const deployment = only(params, ', model_info: {id: i, token: top-secret, input_cost_per_token: 0.1}');
    expect(JSON.stringify([deployment.publicParams, deployment.modelInfo])).not.toContain('top-secret');
    expect(deployment.publicParams).toMatchObject({ model: 'openai/m', api_base: 'http://h/v1', max_tokens: 5 });
    expect(deployment.modelInfo).toMatchObject({ id: 'i', input_cost_per_token: 0.1 });
  });

  it.each<[string, boolean]>([
    ['true', true],
    ['"yes"', true],
    ['1', true],
    ['off', false],
    ['null', false],
    ['perhaps', true],
  ])('with private: %s is private: %s', (text, expected) =>
    expect(only('{model: openai/m}', `, model_info: {private: ${text}}`).private).toBe(expected),
  );

  it('stands once for each organization', () => {
    const { deployments } = config(
      'model_list: [{model_name: g, litellm_params: {model: openai/m, organization: [a, b]}}]',
    );
    expect(deployments.map((one) => one.organization)).toEqual(['a', 'b']);
    expect(deployments[0]?.id).not.toBe(deployments[1]?.id);
  });

  it('takes from its credential what it does not set itself', () => {
    const text = `
model_list: [{model_name: g, litellm_params: {model: openai/m, litellm_credential_name: c, api_base: http://own/v1}}]
credential_list: [{credential_name: c, credential_values: {api_key: os.environ/K, api_base: http://other/v1}}]`;
    expect(config(text, { K: 'k' }).deployments[0]).toMatchObject({ apiKey: 'k', apiBase: 'http://own/v1' });
    expect(config(text).deployments[0]?.unbuildable).toContain('K is not set');
  });
});

describe('an id that is not given', () => {
  const id = (params: string, env: Record<string, string> = {}): string => only(params, '', env).id;

  it('stays the same whatever the tags, weights and limits', () => {
    expect(id('{model: openai/m, api_key: k, tags: [a], weight: 2, rpm: 5}')).toBe(id('{api_key: k, model: openai/m}'));
  });

  it.each([
    '{model: openai/n, api_key: k}',
    '{model: openai/m, api_key: l}',
    '{model: openai/m, api_key: k, api_base: http://h}',
    '{model: openai/m, api_key: k, api_version: "1"}',
    '{model: openai/m, api_key: k, organization: o}',
  ])('is another one for %s', (params) => expect(id(params)).not.toBe(id('{model: openai/m, api_key: k}')));

  it('does not show the credential', () => {
    expect(id('{model: openai/m, api_key: top-secret}')).toMatch(/^m-[0-9a-f]{12}$/);
  });

  it('gets a number where it is taken', () => {
    const one = '{model_name: g, litellm_params: {model: openai/m, tags: [x]}}';
    const { config: read2, problems } = read(`model_list: [${one}, ${one}, ${one}]`);
    const ids = read2?.deployments.map((deployment) => deployment.id) ?? [];
    expect(ids.slice(1)).toEqual([`${ids[0]}-2`, `${ids[0]}-3`]);
    expect(problems.filter((problem) => problem.code === 'duplicate-deployment')).toHaveLength(2);
  });
});

describe('settings', () => {
  it.each<[string, Partial<GatewayConfig['server']>]>([
    [
      '{}',
      { timeoutSeconds: 600, streamTimeoutSeconds: 600, maxRequestBytes: 32 * 1024 * 1024, permitWeakMasterKey: false },
    ],
    [
      '{router_settings: {timeout: 5}, litellm_settings: {request_timeout: 6}}',
      { timeoutSeconds: 5, streamTimeoutSeconds: 5 },
    ],
    ['{litellm_settings: {request_timeout: "6"}, general_settings: {timeout: 7}}', { timeoutSeconds: 6 }],
    ['{general_settings: {request_timeout: 7}}', { timeoutSeconds: 7 }],
    ['{router_settings: {stream_timeout: 3}}', { timeoutSeconds: 600, streamTimeoutSeconds: 3 }],
    [
      '{general_settings: {master_key: sk-1, litellm_key_header_name: X-Key, max_request_size_mb: "1.5"}}',
      { masterKey: 'sk-1', keyHeaderName: 'x-key', maxRequestBytes: 1_572_864 },
    ],
    ['{litellm_settings: {master_key: sk-2}}', { masterKey: 'sk-2' }],
    ['{litellm_settings: {drop_params: "True"}}', { dropParams: true }],
    ['{general_settings: {reject_clientside_metadata_tags: true}}', { rejectClientTags: true }],
    ['{general_settings: {reject_clientside_metadata_tags: perhaps}}', { rejectClientTags: true }],
    [
      '{general_settings: {user_api_key_cache_ttl: 30, stale_key_seconds: 0}}',
      { keyRefreshSeconds: 30, staleKeySeconds: 0 },
    ],
  ])('%s', (text, expected) => {
    expect(config(text).server).toMatchObject(expected);
  });

  it('takes the master key from LITELLM_MASTER_KEY where the file has none', () => {
    expect(config('{}', { LITELLM_MASTER_KEY: 'sk-env' }).server.masterKey).toBe('sk-env');
    expect(config('{general_settings: {master_key: sk-file}}', { LITELLM_MASTER_KEY: 'sk-env' }).server.masterKey).toBe(
      'sk-file',
    );
  });

  it.each<[string, Partial<GatewayConfig['routing']>]>([
    ['{}', { enableTagFiltering: false, matchAny: true, prefix: '', authority: 'fence', declared: [] }],
    [
      '{router_settings: {enable_tag_filtering: True, tag_filtering_match_any: no, tag_routing_prefix: "route:", tag_authority: union}}',
      { enableTagFiltering: true, matchAny: false, prefix: 'route:', authority: 'union' },
    ],
    ['{router_settings: {tag_authority: fense}}', { authority: 'fence' }],
    [
      '{tags: {"cost:*": {routing: false}, gold: {restricted: true, description: x}, plain: }}',
      {
        declared: [{ pattern: 'cost:*', routing: false }, { pattern: 'gold', restricted: true }, { pattern: 'plain' }],
      },
    ],
    [
      '{tags: [gold, {name: silver, restricted: "yes"}, {bronze: {routing: off}}]}',
      {
        declared: [{ pattern: 'gold' }, { pattern: 'silver', restricted: true }, { pattern: 'bronze', routing: false }],
      },
    ],
    ['{tags: {gold: {restricted: perhaps}}}', { declared: [{ pattern: 'gold', restricted: true }] }],
  ])('%s', (text, expected) => {
    expect(config(text).routing).toMatchObject(expected);
  });

  it('prefers router_settings for fallbacks and reads default_fallbacks as the chain of every group', () => {
    const { fallbacks } = config(
      '{router_settings: {fallbacks: [{a: [b, c]}], default_fallbacks: [d]}, litellm_settings: {fallbacks: [{a: [x]}], context_window_fallbacks: [{a: e}]}}',
    );
    expect([...fallbacks.general]).toEqual([
      ['a', ['b', 'c']],
      ['*', ['d']],
    ]);
    expect([...fallbacks.contextWindow]).toEqual([['a', ['e']]]);
  });

  it('reads aliases as a text, a map, and a list of other names', () => {
    const { aliases } = config(
      '{model_list: [{model_name: g, litellm_params: {model: openai/m}}], router_settings: {model_group_alias: {a: g, b: {model: g, hidden: true}, g: [c, d]}}}',
    );
    expect(aliases).toEqual([
      { name: 'a', group: 'g', hidden: false },
      { name: 'b', group: 'g', hidden: true },
      { name: 'c', group: 'g', hidden: false },
      { name: 'd', group: 'g', hidden: false },
    ]);
  });
});

describe('the environment', () => {
  it('is set by the file first, in order, and nothing leaks into the process', () => {
    const text =
      '{environment_variables: {A: os.environ/OUT, B: os.environ/A, N: 5, T: yes, GONE: os.environ/NOPE}, general_settings: {master_key: os.environ/B}}';
    const read2 = config(text, { OUT: 'sk-out', N: 'other' });
    expect(read2.server.masterKey).toBe('sk-out');
    expect([...read2.environment]).toEqual([
      ['A', 'sk-out'],
      ['B', 'sk-out'],
      ['N', '5'],
      ['T', 'True'],
    ]);
    expect(process.env['B']).toBeUndefined();
  });

  it('gives whole models and numbers', () => {
    expect(only('{model: os.environ/M, timeout: os.environ/T}', '', { M: 'groq/x', T: '9' })).toMatchObject({
      model: 'groq/x',
      timeoutSeconds: 9,
    });
  });

  it('does not take inherited properties for variables', () => {
    expect(only('{model: openai/m, api_key: os.environ/constructor}').unbuildable).toContain('constructor is not set');
  });
});

describe('included files', () => {
  const model = (name: string): string => `{model_name: ${name}, litellm_params: {model: openai/${name}}}`;

  it('extend lists, replace maps, and are found relative to the file that includes them', () => {
    const files = {
      'etc/main.yaml': `{include: [parts/one.yaml], model_list: [${model('a')}], litellm_settings: {request_timeout: 1}}`,
      'etc/parts/one.yaml': `{include: [two.yaml], model_list: [${model('b')}], litellm_settings: {drop_params: true}}`,
      'etc/parts/two.yaml': `{model_list: [${model('c')}]}`,
    };
    const reading = read(files);
    expect(reading.config?.deployments.map((one) => one.group)).toEqual(['a', 'b', 'c']);
    expect(reading.config?.deployments[2]?.at.file).toBe('etc/parts/two.yaml');
    expect(reading.config?.server).toMatchObject({ dropParams: true, timeoutSeconds: 600 });
    expect(reading.config?.files).toEqual(['etc/main.yaml', 'etc/parts/one.yaml', 'etc/parts/two.yaml']);
    expect(codes(reading)).toContain('section-replaced');
  });

  it.each<[string, Files, string]>([
    ['is not there', { 'x.yaml': '{include: [y.yaml]}' }, 'unreadable-file'],
    ['is broken', { 'x.yaml': '{include: [y.yaml]}', 'y.yaml': '[' }, 'invalid-yaml'],
  ])('leave nothing to serve where one %s', (_name, files, code) => {
    const reading = read(files);
    expect(reading.config).toBeUndefined();
    expect(codes(reading)).toContain(code);
  });

  it('may be all that a file holds', () => {
    expect(
      config({ 'x.yaml': 'include: [y.yaml]', 'y.yaml': `{model_list: [${model('a')}]}` }).deployments,
    ).toHaveLength(1);
  });
});

describe('the version', () => {
  const text = '{model_list: [{model_name: g, litellm_params: {model: openai/m, api_key: os.environ/K}}]}';

  it('changes with the text and with the variables that it uses, and with nothing else', () => {
    const { version } = config(text, { K: 'a' });
    expect(version).toMatch(/^[0-9a-f]{12}$/);
    expect(config(text, { K: 'a', OTHER: 'x' }).version).toBe(version);
    expect(config(text, { K: 'b' }).version).not.toBe(version);
    expect(config(text).version).not.toBe(version);
    expect(config(`${text} `, { K: 'a' }).version).not.toBe(version);
  });
});

describe('toRoutingConfig', () => {
  it('keeps groups in order of first appearance and what routing needs, and no more', () => {
    const routing = toRoutingConfig(
      config(`model_list:
  - {model_name: "openai/*", litellm_params: {model: "openai/*", api_key: top-secret, tags: [a], tag_regex: [x], weight: 2}, model_info: {id: one}}
  - {model_name: b, litellm_params: {model: openai/b, order: 1}, model_info: {id: two, private: true, allow_fail_open: true, enable_tag_filtering: false}}
  - {model_name: "openai/*", litellm_params: {model: openai/c, rpm: 1, tpm: 2}, model_info: {id: three}}
`),
    );
    const plain = { tags: [], tagRegex: [], private: false, allowFailOpen: false };
    expect(routing.groups).toEqual([
      {
        name: 'openai/*',
        deployments: [
          { ...plain, id: 'one', tags: ['a'], tagRegex: ['x'], weight: 2 },
          { ...plain, id: 'three', rpm: 1, tpm: 2 },
        ],
      },
      {
        name: 'b',
        deployments: [{ ...plain, id: 'two', private: true, allowFailOpen: true, enableTagFiltering: false, order: 1 }],
      },
    ]);
    expect(JSON.stringify(routing)).not.toContain('top-secret');
  });
});
