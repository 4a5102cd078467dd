import standardSchema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json' with { type: 'json' };
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';

import { recordedActions, recordedIo } from '../../../../test/support/cli-io.ts';
import { EXIT } from '../io.ts';
import { runCli } from '../program.ts';
import { addCheck } from './command.ts';

const MAIN = `include: ["more models/ä #1.yaml"]
model_list:
  - model_name: gpt-4
    litellm_params: {model: openai/gpt-4o, api_key: os.environ/KEY, tags: [default], tag_regex: ["(?=x)"]}
    model_info: {id: default-1}
router_settings: {enable_tag_filterin: true}
general_settings: {master_key: os.environ/KEY}
`;
const INCLUDED = `model_list:
  - model_name: gpt-4
    litellm_params: {model: openai/gpt-4o, api_key: os.environ/KEY, tags: [paid], temprature: 0}
`;
const HOME = '/home/someone';

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly locations: readonly [{ physicalLocation: { artifactLocation: { uri: string; uriBaseId?: string } } }];
  readonly partialFingerprints?: { primaryLocationLineHash: string };
}

interface Log {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string; readonly help: object }[] } };
      readonly invocations: readonly object[];
      readonly results: readonly Result[];
    },
  ];
}

async function sarif(line: string, texts: Record<string, string>): Promise<{ status: number; log: Log; out: string }> {
  const files = Object.fromEntries(Object.entries(texts).map(([name, text]) => [`${HOME}/${name}`, text]));
  const { io, out } = recordedIo({ files, env: { KEY: 'sk-long-enough-to-be-strong' } });
  const identity = { version: '1.2.3', litellmVersion: '1.106.2' };
  const context = { io, actions: recordedActions().actions, identity };
  const status = await runCli(['check', ...line.split(' ')], context, [addCheck]);
  return { status, log: JSON.parse(out()) as Log, out: out() };
}

/** The standard's own schema. It is of draft 4; what it uses of that means the same in later ones, its `id` apart. */
function standard(): (value: unknown) => string[] {
  const { $schema: _, id: __, ...schema } = standardSchema;
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  return (value) => (validate(value) ? [] : (validate.errors ?? []).map((one) => `${one.instancePath} ${one.message}`));
}

const BOTH = { 'config.yaml': MAIN, 'more models/ä #1.yaml': INCLUDED };

describe('findings for code hosts', () => {
  const violations = standard();

  test('are a log with rules, positions and fingerprints', async () => {
    const { out, log, status } = await sarif('config.yaml --sarif', BOTH);
    expect(status).toBe(EXIT.failed);
    expect(violations(log)).toEqual([]);
    await expect(out).toMatchFileSnapshot('golden/findings.sarif.txt');
  });

  test.each([
    [
      'nothing found',
      'config.yaml --sarif',
      { 'config.yaml': INCLUDED.replace(', tags: [paid], temprature: 0', '') },
      0,
    ],
    ['a warning, strict', 'config.yaml --sarif --strict', { 'config.yaml': INCLUDED }, 1],
    ['unreadable', 'config.yaml --sarif', { 'config.yaml': 'model_list: [' }, 2],
    ['no such file', 'missing.yaml --sarif', {}, 2],
    ['a file elsewhere', '/elsewhere/of%20name.yaml --sarif', {}, 2],
  ])('follow the standard: %s', async (_, line, files, expected) => {
    const { log, status } = await sarif(line, files);
    expect(status).toBe(expected);
    expect(violations(log)).toEqual([]);
    expect(log.runs[0].invocations).toEqual([{ executionSuccessful: expected !== 2, exitCode: expected }]);
    const { rules } = log.runs[0].tool.driver;
    for (const { ruleId, ruleIndex } of log.runs[0].results) expect(rules[ruleIndex]?.id).toBe(ruleId);
  });

  test('name each file by its own address', async () => {
    const { log } = await sarif('config.yaml --sarif', BOTH);
    const addresses = log.runs[0].results.map(({ locations }) => locations[0].physicalLocation.artifactLocation);
    expect(new Set(addresses.map(({ uri, uriBaseId }) => `${uriBaseId} ${uri}`))).toEqual(
      new Set(['%SRCROOT% config.yaml', '%SRCROOT% more%20models/%C3%A4%20%231.yaml']),
    );
    const elsewhere = await sarif('/elsewhere/of%20name.yaml --sarif', {});
    expect(elsewhere.log.runs[0].results[0]?.locations[0].physicalLocation.artifactLocation).toEqual({
      uri: 'file:///elsewhere/of%2520name.yaml',
    });
  });

  test('keep their fingerprint where lines are added above', async () => {
    const prints = ({ runs }: Log): unknown => runs[0].results.map((one) => [one.ruleId, one.partialFingerprints]);
    const before = await sarif('config.yaml --sarif', { 'config.yaml': INCLUDED });
    const after = await sarif('config.yaml --sarif', { 'config.yaml': `# a comment\n\n${INCLUDED}` });
    expect(prints(after.log)).toEqual(prints(before.log));
    expect(before.log.runs[0].results.every((one) => one.partialFingerprints !== undefined)).toBe(true);
  });

  test.each(['--json', '--explain all'])('and %s exclude each other', async (flag) => {
    const { io, err } = recordedIo();
    const identity = { version: '1.2.3', litellmVersion: '1.106.2' };
    const context = { io, actions: recordedActions().actions, identity };
    expect(await runCli(['check', 'a.yaml', '--sarif', ...flag.split(' ')], context, [addCheck])).toBe(EXIT.unusable);
    expect(err()).toContain('--sarif');
  });
});
