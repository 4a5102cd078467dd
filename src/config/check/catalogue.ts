import type { Severity } from '../../core/base/problem.ts';

/** One kind of finding about a config. */
export interface CatalogueEntry {
  readonly severity: Severity;
  /** What it means, one sentence. */
  readonly meaning: string;
  /** How to mend it, one sentence. */
  readonly mend: string;
  /** True: the gateway does not start, and a reload keeps the config that is serving. */
  readonly refusesStart?: true;
}

const entry = (severity: Severity, meaning: string, mend: string): CatalogueEntry => ({ severity, meaning, mend });
const refusing = (meaning: string, mend: string): CatalogueEntry => ({
  severity: 'error',
  meaning,
  mend,
  refusesStart: true,
});

/** Every code that reading or checking a config can report. `docs/reference/checks.md` and `check --explain` come from here. */
export const CATALOGUE = {
  'unreadable-file': refusing('A config file cannot be read.', 'Check the path and who may read the file.'),
  'invalid-yaml': refusing(
    'A config file is not YAML, or uses YAML that cannot stand for a config.',
    'Look at the place named and the lines above it: indents, quotes, brackets, anchors.',
  ),
  'not-utf-8': entry(
    'warning',
    'A config file holds bytes that are no UTF-8, with which LiteLLM does not start; they are read as the character U+FFFD.',
    'Save the file as UTF-8.',
  ),
  'yaml-tag': entry(
    'warning',
    'A value has a YAML tag such as `!env`, with which LiteLLM does not start; Waymark reads the value as if it stood alone.',
    'Remove the tag; to take a value from the environment, write `os.environ/NAME`.',
  ),
  'not-a-map': refusing(
    'A config file is not a map of sections.',
    'Write sections such as `model_list:` at the top level.',
  ),
  'empty-config': refusing('A config file holds nothing.', 'Write at least `model_list:` with one deployment.'),
  'include-cycle': entry(
    'error',
    'A config file includes itself, directly or through others.',
    'Take the file out of one `include` list.',
  ),
  'section-replaced': entry(
    'warning',
    'An included file sets a section that is set already; the included one replaces it whole, as in LiteLLM.',
    'Keep each section that is a map in one file only.',
  ),
  'duplicate-key': entry('warning', 'A key stands twice in one map; the last one counts.', 'Remove one of the two.'),
  'unknown-key': entry(
    'warning',
    'A key that neither LiteLLM nor Waymark knows.',
    'Correct its spelling, or remove it.',
  ),
  'misplaced-key': entry(
    'warning',
    'A key stands in a place where LiteLLM does not look for it.',
    'Move it to the place that the message names.',
  ),
  'not-supported-yet': entry(
    'note',
    'A key that LiteLLM has and Waymark does not act on.',
    'Nothing to do, unless you rely on it.',
  ),
  'not-acted-on-yet': entry(
    'note',
    'A setting that Waymark reads and explains, and does not act on yet.',
    'Nothing to do, unless you rely on it.',
  ),
  'wrong-type': entry(
    'warning',
    'A value has another type than its key needs.',
    'Write the type that the message names.',
  ),
  'missing-environment-variable': entry(
    'warning',
    'A value comes from an environment variable that is not set; a note where nothing acts on the value.',
    'Set the variable before starting.',
  ),
  'shell-variable': entry(
    'warning',
    'A value holds `${NAME}`, which neither LiteLLM nor Waymark expands.',
    'Write `os.environ/NAME` as the whole value.',
  ),
  'environment-reference-inside': entry(
    'warning',
    '`os.environ/` stands inside a text; it works only as the start of the whole value.',
    'Put the whole text into one variable and write `os.environ/NAME`.',
  ),
  'secret-in-file': entry(
    'warning',
    'A secret is written in the file.',
    'Keep it in an environment variable and write `os.environ/NAME`.',
  ),
  'variable-name-as-secret': entry(
    'warning',
    'A secret looks like the name of an environment variable, and is sent as it is.',
    'Write `os.environ/` before the name.',
  ),
  'weak-master-key': entry('warning', 'The master key is short or well known.', 'Use at least 16 random characters.'),
  'no-deployments': entry(
    'warning',
    'The config has no deployment, so that nothing can be served.',
    'Add entries to `model_list`.',
  ),
  'missing-model-name': entry(
    'error',
    'An entry of `model_list` has no `model_name` and is left out.',
    'Give it the name that clients ask for.',
  ),
  'missing-model': entry(
    'warning',
    'A deployment has no `litellm_params.model` and can never serve.',
    'Write `model: provider/name` under `litellm_params`.',
  ),
  'bad-entry': entry(
    'error',
    'An entry is not of the shape that its list needs, and is left out.',
    'Write it as the message shows.',
  ),
  'duplicate-id': entry(
    'error',
    'Two deployments have the same `model_info.id`; the later one gets a numbered one.',
    'Give each deployment an id of its own.',
  ),
  'duplicate-deployment': entry(
    'warning',
    'Two deployments are the same but for tags, weights or limits, and have no id; the later one gets a numbered one.',
    'Give them a `model_info.id` each, so that the ids do not depend on their order.',
  ),
  'id-is-group-name': entry(
    'warning',
    'The id of a deployment is also the name of a group; the group is what a call by that name gets.',
    'Choose another id.',
  ),
  'missing-credential-entry': entry(
    'warning',
    '`litellm_credential_name` names no entry of `credential_list`.',
    'Correct the name, or add the entry.',
  ),
  'bad-tag': entry(
    'warning',
    'A tag of a deployment has a shape that no call can send.',
    'Write tags as text of at most 256 bytes without control characters.',
  ),
  'marker-in-deployment-tag': entry(
    'warning',
    'A deployment tag begins with `!`, `&` or the routing prefix, which belong to the tags of calls, so that no call can ask for it.',
    'Write the name alone.',
  ),
  'marker-in-declared-tag': entry(
    'error',
    'A name under `tags:` begins with a marker or with the routing prefix.',
    'Write the name alone.',
  ),
  'bad-alias': entry(
    'warning',
    'A value of `model_group_alias` is not the name of one group.',
    'Write `alias: group` or `alias: {model: group, hidden: true}`.',
  ),
  'alias-to-missing-group': entry('warning', 'An alias points to a group that does not exist.', 'Correct the name.'),
  'alias-shadows-group': entry(
    'warning',
    'An alias has the name of a group; the alias wins.',
    'Rename one of the two.',
  ),
  'bad-fallbacks': entry(
    'warning',
    'A fallback is not of a shape that can be read, and is left out.',
    'Write `- group: [other, another]`.',
  ),
  'folded-names': entry(
    'warning',
    'A name holds " - ": list items that were indented too far and became one text.',
    'Give each item a line at the same indent.',
  ),
  'unknown-value': entry(
    'warning',
    'A value is not one of those that the key knows.',
    'Write one of the values that the message names.',
  ),
  'union-authority': entry(
    'warning',
    "`tag_authority: union`: policy tags do not bind, callers can leave their team's deployments.",
    "Use `fence`, the default, unless you need LiteLLM's rule.",
  ),
  'bad-regex': refusing(
    'A `tag_regex` is not a pattern of RE2 syntax.',
    'Write it without lookarounds and back-references, and with balanced brackets.',
  ),
  'costly-regex': refusing(
    'A `tag_regex` repeats so much that RE2 refuses it.',
    'Write smaller repetition counts (1,000 at most, nested ones multiplied).',
  ),
  'unreachable-deployment': entry(
    'warning',
    'No call can ever reach a deployment.',
    'Give it a tag that calls can send, or remove it.',
  ),
  'tags-without-filtering': entry(
    'warning',
    'Deployments have tags, but tag filtering is off, so that tags choose nothing.',
    'Set `router_settings.enable_tag_filtering: true`.',
  ),
  'private-without-filtering': entry(
    'warning',
    'A private deployment while tag filtering is off is served to nobody.',
    'Set `router_settings.enable_tag_filtering: true`, or remove `private`.',
  ),
  'near-duplicate-tags': entry(
    'warning',
    'Two tags differ only in case or separators; tags are compared exactly.',
    'Use one spelling.',
  ),
  'no-default': entry(
    'warning',
    'A group has tagged deployments and no `default`: calls without tags reach all of them, and unknown tags are refused.',
    'Tag one deployment `default`.',
  ),
  'filtering-set-differently': entry(
    'warning',
    '`enable_tag_filtering` is set differently within a group; the first one decides.',
    'Set it on one deployment of the group, or to the same value.',
  ),
  'default-shadowed': entry(
    'warning',
    'A wildcard tag matches every tag, so that unknown tags never fall to the `default` deployment.',
    'Narrow the wildcard, or remove `default`.',
  ),
  'fallback-to-missing-group': entry('warning', 'A fallback names a group that does not exist.', 'Correct the name.'),
  'fallback-for-missing-group': entry(
    'warning',
    'A fallback is set for a group that does not exist.',
    'Correct the name.',
  ),
  'fallback-cycle': entry('note', 'Fallbacks lead back to the group they began with.', 'Remove one of them.'),
  'fallback-never-serves-tags': entry(
    'warning',
    'A fallback group can never serve tags that the group it stands in for can.',
    'Tag a deployment of the fallback group alike, or give it a `default`.',
  ),
  'fallback-leaves-fence': entry(
    'note',
    'In a fallback group tags choose nothing, so that a tag of a key or team does not hold its calls to any deployment there.',
    'Tag the deployments of the fallback group alike, if tags of keys and teams are meant to hold there.',
  ),
  'mixed-weights': entry(
    'warning',
    'Some deployments of a group set `weight`, `rpm` or `tpm` and others do not.',
    'Set the same key on all of them.',
  ),
  'unsendable-tag': entry(
    'warning',
    'No caller can send a tag in a way that chooses a deployment.',
    'Change its declaration under `tags:`, or the tag.',
  ),
  'undeclared-pattern': entry(
    'note',
    'A declaration under `tags:` matches no tag of any deployment.',
    'Correct its spelling if it is meant for routing.',
  ),
  'wildcard-without-group': entry(
    'warning',
    'A model holds `*` and its group does not, so that the `*` is sent as it is.',
    'Write the whole model name, or a `*` in `model_name` too.',
  ),
  'provider-unknown': entry(
    'warning',
    'The provider of a deployment cannot be told from its model name.',
    'Write `provider/model`, for example `openai/gpt-4o`.',
  ),
  'provider-not-supported': entry(
    'warning',
    'Waymark cannot talk to this provider yet; the deployment keeps its place and never serves.',
    "Use the provider's OpenAI-compatible endpoint: `openai/<model>` with `api_base`.",
  ),
  'missing-api-base': entry(
    'warning',
    'A deployment of this provider needs `api_base`.',
    'Write the base URL under `litellm_params`.',
  ),
  'missing-credential': entry(
    'warning',
    'A deployment of this provider needs a credential and has none.',
    "Write `api_key: os.environ/NAME`, or set the provider's own variable.",
  ),
  'missing-setting': entry(
    'warning',
    'A deployment lacks a setting that its provider needs.',
    'Write the setting that the message names.',
  ),
  'bad-api-base': entry('warning', 'An `api_base` cannot be used.', 'Write an http or https URL without a user part.'),
  'bad-header': entry(
    'warning',
    'A header of a deployment cannot be sent.',
    'Write a header name and a text without line breaks.',
  ),
  'endpoint-in-api-base': entry(
    'warning',
    'An `api_base` ends in the endpoint itself; it is used as it is.',
    'Write the base only: the endpoint is added to it.',
  ),
  'implicit-credential': entry(
    'warning',
    "A deployment without `api_key` sends the key of the provider's own variable to another host.",
    'Write `api_key`.',
  ),
  'mode-not-offered': entry(
    'warning',
    "A deployment's `mode` names calls that its provider does not take.",
    'Correct `mode`, or the provider (docs/reference/providers.md).',
  ),
  'wildcard-provider': entry(
    'note',
    'A deployment with `model: "*"` sends every model to one provider.',
    'Write one wildcard group for each provider.',
  ),
} as const satisfies Record<string, CatalogueEntry>;

export type FindingCode = keyof typeof CATALOGUE;

/** The catalogue's entry for a code, or undefined when there is no such code. */
export function catalogueEntry(code: string): CatalogueEntry | undefined {
  return Object.hasOwn(CATALOGUE, code) ? CATALOGUE[code as FindingCode] : undefined;
}

/** True where a problem keeps the gateway from starting (exit status 2) and a reload from taking effect. */
export function refusesStart(code: string): boolean {
  return catalogueEntry(code)?.refusesStart === true;
}
