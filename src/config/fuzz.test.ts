import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkTargets } from '../providers/check-targets.ts';
import { checkConfig } from './check/check-config.ts';
import type { ConfigReading } from './contract.ts';
import { SECTIONS } from './known-keys/sections.ts';
import { readConfig } from './read-config.ts';
import { toRoutingConfig } from './to-routing.ts';

const ENV = { A: 'value', EMPTY: '', NUMBER: '5' };

/** Reads, checks and projects a text; whatever it is, nothing may throw. */
function readAll(text: string): ConfigReading {
  const reading = readConfig('x.yaml', { readText: () => text, env: ENV });
  if (reading.config !== undefined) {
    checkConfig(reading.config);
    checkTargets(reading.config.deployments, ENV);
    toRoutingConfig(reading.config);
  }
  return reading;
}

const KEYS = Object.values(SECTIONS).flatMap((section) => [...section.keys.keys()]);
const SCALARS = [
  'os.environ/A',
  'os.environ/EMPTY',
  'os.environ/MISSING',
  '${A:-b}',
  'openai/*',
  '*',
  'azure/',
  'default',
  '!x',
  '&x',
  '(?=',
  '',
  ' ',
  'x'.repeat(300),
  '\u0000',
  '<<',
  '__proto__',
  'constructor',
];

const scalar = fc.oneof(
  fc.constantFrom(...SCALARS),
  fc.string({ maxLength: 8 }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
);
const name = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...KEYS) },
  { weight: 1, arbitrary: fc.constantFrom(...SCALARS) },
  { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 5 }),
  ),
}));

const deployment = fc.record(
  {
    model_name: scalar,
    litellm_params: fc.oneof(
      {
        weight: 5,
        arbitrary: fc.dictionary(fc.constantFrom(...SECTIONS.litellmParams.keys.keys()), value, { maxKeys: 6 }),
      },
      { weight: 1, arbitrary: value },
    ),
    model_info: value,
  },
  { requiredKeys: ['model_name'] },
);
const config = fc.record(
  {
    model_list: fc.oneof(
      { weight: 6, arbitrary: fc.array(deployment, { maxLength: 4 }) },
      { weight: 1, arbitrary: value },
    ),
    router_settings: fc.oneof(
      fc.dictionary(fc.constantFrom(...SECTIONS.routerSettings.keys.keys()), value, { maxKeys: 5 }),
      value,
    ),
    litellm_settings: value,
    general_settings: fc.oneof(
      fc.dictionary(fc.constantFrom(...SECTIONS.generalSettings.keys.keys()), value, { maxKeys: 5 }),
      value,
    ),
    tags: value,
    credential_list: value,
    environment_variables: value,
  },
  { requiredKeys: ['model_list'] },
);

/** Text in the manner of YAML, mostly broken. */
const yamlish = fc
  .array(
    fc.constantFrom(
      'model_list:',
      ' - ',
      '- model_name: a',
      '  litellm_params:',
      '    model: openai/a',
      '    tags: [a',
      ']',
      '}',
      '{a: b',
      '&x ',
      '*x',
      '<<: *x',
      '\t',
      '"',
      "'",
      '|',
      '>',
      '#',
      '? ',
      ': ',
      '---',
      '...',
      '!!binary ',
      '!foo ',
      '%YAML 1.2',
      '\r\n',
      '\uFEFF',
      '@',
      '`',
      '\u2028',
      'include: [x.yaml]',
      'tags:',
    ),
    { maxLength: 20 },
  )
  .chain((parts) => fc.constantFrom('\n', ' ', '').map((joint) => parts.join(joint)));

describe('any config at all', () => {
  it('is read without a throw: structures', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(config, (structure) => void readAll(JSON.stringify(structure))),
      { numRuns: 200 },
    );
  });

  it('is read without a throw: text in the manner of YAML', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(yamlish, (text) => void readAll(text)),
      { numRuns: 200 },
    );
  });

  it('is read without a throw: any text', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => void readAll(text)),
      { numRuns: 400 },
    );
  });

  it('has ids that are unique, and a place for every problem of a file', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(config, (structure) => {
        const { config: read, problems } = readAll(JSON.stringify(structure));
        const ids = read?.deployments.map((one) => one.id) ?? [];
        expect(new Set(ids).size).toBe(ids.length);
        for (const problem of problems) {
          if (problem.at !== undefined)
            expect([problem.at.line, problem.at.column].every((one) => one >= 1)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});
