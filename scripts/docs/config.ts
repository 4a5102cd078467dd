import type { KeyStatus, KnownKey } from '../../src/config/known-keys/key.ts';
import { SECTIONS, type Section } from '../../src/config/known-keys/sections.ts';

/** What the column "does" says; keys of status `unsupported` are only named. */
const DOES: Readonly<Record<Exclude<KeyStatus, 'unsupported'>, string>> = {
  acts: 'acts',
  coming: 'read, not acted on yet',
  sent: 'sent upstream',
  kept: 'shown again',
  inert: 'nothing',
};

/** docs/reference/config.md: every key that a config may hold, section by section. */
export function renderConfig(): string {
  return [HEAD, ...Object.values<Section>(SECTIONS).map(renderSection)].join('\n\n') + '\n';
}

function renderSection({ place, keys }: Section): string {
  const all = [...keys.values()];
  const rows = merged(all.filter((each) => each.status !== 'unsupported')).map(({ names, like }) => {
    const does = like.status === 'unsupported' ? '' : DOES[like.status];
    return `| ${names.map(code).join(', ')} | ${like.type} | ${does} | ${like.text.replaceAll('|', '\\|')} |`;
  });
  const unsupported = all.filter((each) => each.status === 'unsupported').map((each) => code(each.key));
  const heading = place === 'the top level' ? '## The top level' : `## ${code(place)}`;
  const parts = [heading, ['| key | value | what it does | |', '|---|---|---|---|', ...rows].join('\n')];
  if (unsupported.length > 0)
    parts.push(`LiteLLM has these too; Waymark does not act on them: ${unsupported.join(', ')}.`);
  return parts.join('\n\n');
}

interface Row {
  readonly names: readonly string[];
  readonly like: KnownKey;
}

/** One row for neighbours that differ in nothing but their name. */
function merged(keys: readonly KnownKey[]): readonly Row[] {
  const rows: { names: string[]; like: KnownKey }[] = [];
  for (const each of keys) {
    const last = rows.at(-1);
    const same = last?.like.text === each.text && last.like.type === each.type && last.like.status === each.status;
    if (same) last.names.push(each.key);
    else rows.push({ names: [each.key], like: each });
  }
  return rows;
}

function code(text: string): string {
  return `\`${text}\``;
}

const HEAD = `# Config

Made from \`src/config/known-keys/\` by \`npm run docs\`.

A config is a LiteLLM \`config.yaml\`, read as YAML 1.1. \`waymark check --config FILE\` says what is wrong with one, line by line;
[checks.md](checks.md) lists all that it can say. A key that neither LiteLLM nor Waymark knows is reported with the nearest known one.

\`os.environ/NAME\` as a value, anywhere, stands for the environment variable NAME. The file \`.env\` of the working directory is read
too, unless \`LITELLM_MODE\` is \`PRODUCTION\`; what the environment sets already wins. A deployment that lacks what it needs (a variable
that is not set, a provider that is not supported) keeps its place and its tags, and is never available.

\`\`\`yaml
model_list:
  - model_name: gpt-4                       # the group: what clients ask for
    litellm_params:
      model: openai/gpt-4o                  # provider/upstream model
      api_key: os.environ/OPENAI_API_KEY
      tags: ["paid"]
    model_info:
      id: paid-1                            # x-litellm-model-id; made from the deployment where it is absent
router_settings:
  enable_tag_filtering: true
general_settings:
  master_key: os.environ/LITELLM_MASTER_KEY
\`\`\`

"What it does": \`acts\`; \`read, not acted on yet\` (explained and named at start); \`sent upstream\` as a request parameter where the call
has none of that name; \`shown again\` by \`/model/info\`, and nothing else; \`nothing\`.

## Changes while it runs

\`waymark serve\` reads the config again when one of its files changes (written in place, renamed onto, a link swapped as Kubernetes does
for a ConfigMap, an included file), within a fraction of a second; where the system tells of no changes, as on network drives and for
a single file mounted into a container, within about 5 seconds. SIGHUP reads it at once. Running calls keep the config that they began with; the next ones get the new one.

A config that cannot be served from leaves the old one serving. The log says so once, with file and line; \`GET /health/readiness\` stays
healthy and shows \`config.state\` as \`stale\` with the codes of [checks.md](checks.md); \`GET /config/problems\` (master key) shows
every finding. A config that leaves a missing or weak master key on an address beyond this machine is not taken either.

These hold from the start on and need a restart: the address, \`database_url\`, \`user_api_key_cache_ttl\`, \`stale_key_seconds\`, proxies,
and the environment with its \`.env\` file.`;
