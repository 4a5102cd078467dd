import { CATALOGUE, type CatalogueEntry } from '../../src/config/check/catalogue.ts';

/** docs/reference/checks.md: everything that reading or checking a config can report. */
export function renderChecks(): string {
  const rows = Object.entries<CatalogueEntry>(CATALOGUE).map(([code, entry]) => {
    const severity = entry.refusesStart === true ? `${entry.severity}, refuses the start` : entry.severity;
    return `| \`${code}\` | ${severity} | ${cell(entry.meaning)} | ${cell(entry.mend)} |`;
  });
  return `${HEAD}\n${rows.join('\n')}\n`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

const HEAD = `# Findings about a config

Made from \`src/config/check/catalogue.ts\` by \`npm run docs\`.

\`waymark check --config FILE\` prints them with file, line and column, \`--json\` for programs. \`waymark check --explain CODE\` says
what one means. Exit status 0, 1 (an error; with \`--strict\` a warning too), 2 (the config cannot be read).

| code | severity | what it means | how to mend it |
|---|---|---|---|`;
