import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Ajv, type ValidateFunction } from 'ajv';
import { describe, expect, it } from 'vitest';

import { checkConfig } from './check/check-config.ts';
import { Findings } from './findings.ts';
import { SECTIONS } from './known-keys/sections.ts';
import { readConfig } from './read-config.ts';
import { configJsonSchema, type JsonSchema } from './schema.ts';
import { toJson } from './tree/node.ts';
import { parseTree } from './tree/parse.ts';

type Properties = Record<string, JsonSchema>;

describe('the tables of keys', () => {
  it('name no key twice in one table, and describe each', () => {
    for (const section of Object.values(SECTIONS)) {
      for (const [name, known] of section.keys) {
        expect(known.key).toBe(name);
        expect(known.text, `${section.place}.${name}`).toMatch(/^\S.*\.$/);
        expect(name).toMatch(/^[A-Za-z][A-Za-z0-9_-]*$/);
      }
    }
  });
});

describe('configJsonSchema', () => {
  it('has every section, with its keys and their sentences, and no reference that leads nowhere', () => {
    const schema = configJsonSchema();
    const definitions = schema['definitions'] as Properties;
    const names = Object.values(SECTIONS).filter((one) => one !== SECTIONS.topLevel);
    expect(Object.keys(definitions)).toEqual(names.map((one) => one.name));
    for (const section of Object.values(SECTIONS)) {
      const holder = section === SECTIONS.topLevel ? schema : definitions[section.name];
      const properties = holder?.['properties'] as Properties;
      expect(Object.keys(properties)).toEqual([...section.keys.keys()]);
      for (const known of section.keys.values()) expect(properties[known.key]?.['description']).toBe(known.text);
    }
    const references = JSON.stringify(schema).match(/#\/definitions\/\w+/g) ?? [];
    expect(new Set(references.map((one) => one.slice('#/definitions/'.length)))).toEqual(
      new Set(Object.keys(definitions)),
    );
  });

  it('closes the sections in which a key that nobody knows means nothing', () => {
    const schema = configJsonSchema();
    const definitions = schema['definitions'] as Properties;
    expect(schema['additionalProperties']).toBe(false);
    expect(definitions['routerSettings']?.['additionalProperties']).toBe(false);
    expect(definitions['litellmParams']?.['additionalProperties']).toBe(true);
  });

  it('loses no description beside a reference: draft 7 reads past it', () => {
    const withReference = (value: unknown): JsonSchema[] => {
      if (typeof value !== 'object' || value === null) return [];
      const below = Object.values(value).flatMap(withReference);
      return '$ref' in value ? [value, ...below] : below;
    };
    for (const one of withReference(configJsonSchema())) expect(Object.keys(one)).toEqual(['$ref']);
  });
});

const FOLDER = join(import.meta.dirname, '../../test/fixtures/config');
/** What a schema can know: which keys there are, and of what kind their values are. */
const SHAPES = new Set([
  'unknown-key',
  'misplaced-key',
  'wrong-type',
  'bad-entry',
  'bad-tag',
  'bad-alias',
  'bad-fallbacks',
  'unknown-value',
  'missing-model-name',
  'missing-model',
  'not-a-map',
  'empty-config',
  'invalid-yaml',
  'unreadable-file',
]);
const configs = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

/** Compiles the schema as strictly as the validator can: an unknown keyword or a broken pattern is an error. */
function validator(): ValidateFunction {
  const ajv = new Ajv({ strict: true, strictTypes: false, allErrors: true });
  const schema = configJsonSchema();
  expect(ajv.validateSchema(schema)).toBe(true);
  return ajv.compile(schema);
}

function codesOf(name: string, text: string): ReadonlySet<string> {
  const readText = (path: string): string => (path === name ? text : 'model_list: []');
  const env = { KEY: 'x', OPENAI_API_KEY: 'x', MASTER: 'x', RPM: '60', WHOLE_MODEL: 'openai/whole' };
  const { config, problems } = readConfig(name, { readText, env });
  return new Set([...problems, ...(config === undefined ? [] : checkConfig(config))].map(({ code }) => code));
}

describe('the schema and the reader', () => {
  const validate = validator();

  it.each(configs)('agree on %s', (name) => {
    const text = readFileSync(join(FOLDER, name), 'utf8');
    const tree = parseTree(text, name, new Findings());
    if (tree === undefined) return;
    const valid = validate(structuredClone(toJson(tree)));
    const shapes = [...codesOf(name, text)].filter((code) => SHAPES.has(code));
    if (shapes.length === 0) expect(validate.errors ?? []).toEqual([]);
    if (shapes.includes('misplaced-key')) expect(valid).toBe(false);
  });

  it.each([
    ['an unknown section', { modle_list: [] }],
    ['a list for a map', { router_settings: [] }],
    ['a text for a list', { model_list: 'x' }],
    ['a number for true or false', { router_settings: { enable_tag_filtering: 12 } }],
    ['an unknown value', { router_settings: { tag_authority: 'fenced' } }],
    ['a text that is no number', { litellm_settings: { request_timeout: '10m' } }],
    ['tags in a map', { model_list: [{ model_name: 'a', litellm_params: { model: 'openai/a', tags: { a: true } } }] }],
    ['a deployment without a group', { model_list: [{ litellm_params: { model: 'openai/a' } }] }],
    ['a flag with a mistake', { tags: { a: { restrictd: true } } }],
  ])('refuse %s', (_, config) => {
    expect(validate(config)).toBe(false);
    expect([...codesOf('x.yaml', JSON.stringify(config))].filter((code) => SHAPES.has(code))).not.toEqual([]);
  });

  it('take a value from the environment wherever one may stand', () => {
    const config = {
      model_list: [
        { model_name: 'os.environ/KEY', litellm_params: { model: 'os.environ/WHOLE_MODEL', rpm: 'os.environ/RPM' } },
      ],
      router_settings: { enable_tag_filtering: 'os.environ/KEY' },
      general_settings: { max_request_size_mb: 'os.environ/RPM' },
    };
    expect([validate(config), validate.errors]).toEqual([true, null]);
  });
});
