import type { KeyType, KnownKey } from './known-keys/key.ts';
import { type Section, SECTIONS } from './known-keys/sections.ts';

/** A JSON Schema, as far as it is used here. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Any value may come from the environment: the whole text, `os.environ/NAME`. */
const FROM_ENVIRONMENT = { type: 'string', pattern: '^os\\.environ/.+' };
const NUMBER_AS_TEXT = { type: 'string', pattern: '^\\s*[-+]?[0-9][0-9_.eE+-]*\\s*$' };
const NOTHING = { type: 'null' };
const TEXT = { type: ['string', 'number'] };
const TEXTS = { type: 'array', items: TEXT };

const BY_TYPE: Readonly<Record<KeyType, JsonSchema>> = {
  text: { anyOf: [TEXT, NOTHING] },
  number: { anyOf: [{ type: 'number' }, NUMBER_AS_TEXT, FROM_ENVIRONMENT, NOTHING] },
  'whole number': { anyOf: [{ type: 'integer' }, NUMBER_AS_TEXT, FROM_ENVIRONMENT, NOTHING] },
  'true or false': {
    anyOf: [
      { type: 'boolean' },
      { enum: ['true', 'false', 'True', 'False', 'yes', 'no', 'on', 'off'] },
      FROM_ENVIRONMENT,
      NOTHING,
    ],
  },
  list: { type: ['array', 'null'] },
  'list of texts': { anyOf: [TEXTS, NOTHING] },
  'text or list of texts': { anyOf: [TEXT, TEXTS, NOTHING] },
  map: { type: ['object', 'null'] },
  'list or map': { type: ['array', 'object', 'null'] },
  anything: {},
};

/** Sections in which a key that nobody knows still has a meaning: it is sent upstream, or shown again. */
const OPEN: ReadonlySet<Section> = new Set([SECTIONS.litellmParams, SECTIONS.modelInfo]);

/** Keys without which an entry is left out or cannot serve. */
const REQUIRED: ReadonlyMap<Section, readonly string[]> = new Map<Section, readonly string[]>([
  [SECTIONS.modelEntry, ['model_name', 'litellm_params']],
  [SECTIONS.credentialEntry, ['credential_name', 'credential_values']],
]);

/** The JSON Schema of a config file, for editors: of draft 7, which all of them take. Its keys and descriptions are those of the reading tables. */
export function configJsonSchema(): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Waymark config',
    description: 'A LiteLLM config.yaml as Waymark reads it.',
    ...objectOf(SECTIONS.topLevel),
    patternProperties: { '^x-': {} },
    definitions: Object.fromEntries(
      Object.values(SECTIONS)
        .filter((one) => one !== SECTIONS.topLevel)
        .map((one) => [one.name, objectOf(one)]),
    ),
  };
}

function objectOf(section: Section): JsonSchema {
  const properties = Object.fromEntries(
    [...section.keys.values()].map((known) => [known.key, propertyOf(section, known)]),
  );
  const required = REQUIRED.get(section);
  return {
    type: ['object', 'null'],
    properties,
    additionalProperties: OPEN.has(section),
    ...(required === undefined ? {} : { required }),
  };
}

function propertyOf(section: Section, known: KnownKey): JsonSchema {
  const special = SPECIAL.get(`${section.name}.${known.key}`);
  return { description: known.text, ...(special ?? BY_TYPE[known.type]) };
}

/** Draft 7 reads past what stands beside a `$ref`, a description too. */
const ref = (section: Section): JsonSchema => ({ allOf: [{ $ref: `#/definitions/${section.name}` }] });
const listOf = (items: JsonSchema): JsonSchema => ({ type: ['array', 'null'], items });
const NAMES = { anyOf: [TEXTS, TEXT] };
const CHAINS = listOf({ type: 'object', additionalProperties: NAMES });
const ALIASES = {
  type: ['object', 'null'],
  additionalProperties: {
    anyOf: [
      TEXT,
      {
        type: 'object',
        properties: { model: TEXT, hidden: { type: 'boolean' } },
        required: ['model'],
        additionalProperties: false,
      },
    ],
  },
};

/** Keys whose value has a shape of its own. */
const SPECIAL: ReadonlyMap<string, JsonSchema> = new Map<string, JsonSchema>([
  ['topLevel.model_list', listOf(ref(SECTIONS.modelEntry))],
  ['topLevel.router_settings', ref(SECTIONS.routerSettings)],
  ['topLevel.litellm_settings', ref(SECTIONS.litellmSettings)],
  ['topLevel.general_settings', ref(SECTIONS.generalSettings)],
  ['topLevel.credential_list', listOf(ref(SECTIONS.credentialEntry))],
  [
    'topLevel.environment_variables',
    { type: ['object', 'null'], additionalProperties: { type: ['string', 'number', 'boolean', 'null'] } },
  ],
  [
    'topLevel.tags',
    {
      anyOf: [
        { type: 'object', additionalProperties: ref(SECTIONS.declaredTag) },
        { type: 'array', items: { anyOf: [TEXT, ref(SECTIONS.declaredTag)] } },
        NOTHING,
      ],
    },
  ],
  ['modelEntry.litellm_params', ref(SECTIONS.litellmParams)],
  ['modelEntry.model_info', ref(SECTIONS.modelInfo)],
  ['credentialEntry.credential_values', ref(SECTIONS.litellmParams)],
  ['routerSettings.tag_authority', { enum: ['fence', 'union'] }],
  ['routerSettings.retry_policy', ref(SECTIONS.retryPolicy)],
  ['routerSettings.allowed_fails_policy', ref(SECTIONS.allowedFailsPolicy)],
  ...['routerSettings', 'litellmSettings'].flatMap((section): [string, JsonSchema][] => [
    [`${section}.fallbacks`, CHAINS],
    [`${section}.context_window_fallbacks`, CHAINS],
    [`${section}.content_policy_fallbacks`, CHAINS],
    [`${section}.model_group_alias`, ALIASES],
  ]),
]);
