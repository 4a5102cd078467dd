import type { KeyStatus, KnownKey } from './known-keys/key.ts';
import { type Section, SECTIONS } from './known-keys/sections.ts';

const INTRODUCTION = `# Config reference

Waymark reads LiteLLM's \`config.yaml\`. This page is made from the tables that the reader works with.

- YAML is read as PyYAML reads it (YAML 1.1): \`yes\`, \`no\`, \`on\` and \`off\` are true or false; anchors and merges (\`<<\`) work; of a key that stands twice the last one counts.
- \`os.environ/NAME\` as a whole value, anywhere, is the value of that variable. A deployment that lacks a variable it needs keeps its place and cannot serve. \`\${NAME}\` is not expanded.
- Sections at the top level whose name begins with \`x-\` are left alone: a place for anchors.
- Everything that is wrong, unknown or without effect is reported with file, line and column. \`waymark check\` prints it; the codes are in [checks.md](checks.md).
`;

const STATUS: Readonly<Record<KeyStatus, string>> = {
  acts: 'acted on',
  coming: 'read, not acted on yet',
  sent: 'sent upstream',
  kept: 'shown by `/model/info`',
  inert: 'no effect',
  unsupported: 'not supported',
};

/** The page `docs/reference/config.md`: every key that is recognised, section by section. */
export function renderConfigReference(): string {
  return `${INTRODUCTION}\n${Object.values(SECTIONS).map(renderSection).join('\n')}`;
}

function renderSection(section: Section): string {
  const keys = [...section.keys.values()];
  const title = section === SECTIONS.topLevel ? 'Top level' : `\`${section.place}\``;
  const described = keys.filter((known) => known.status === 'acts' || known.status === 'coming');
  const rows = described.map(({ key, type, status, text }) => `| \`${key}\` | ${type} | ${STATUS[status]} | ${text} |`);
  const table = rows.length === 0 ? [] : ['| key | value | status | meaning |', '|---|---|---|---|', ...rows, ''];
  return [`## ${title}`, '', ...table, ...renderOthers(keys)].join('\n');
}

const OTHERS: readonly (readonly [KeyStatus, string])[] = [
  ['sent', 'Sent upstream, where a call does not set it itself'],
  ['kept', 'Kept, and shown by `/model/info`'],
  ['inert', 'Without effect'],
  ['unsupported', 'Known from LiteLLM and not acted on'],
];

function renderOthers(keys: readonly KnownKey[]): readonly string[] {
  return OTHERS.flatMap(([status, title]) => {
    const names = keys.filter((known) => known.status === status).map((known) => `\`${known.key}\``);
    return names.length === 0 ? [] : [`${title}: ${names.join(', ')}.`, ''];
  });
}
