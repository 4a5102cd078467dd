import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { inRoot } from '../../scripts/workshop/root.ts';
import { walkSyntax } from '../../scripts/workshop/syntax.ts';
import { projectFiles } from '../../scripts/workshop/tracked-files.ts';
import { ERROR_CODES, errorKind } from '../../src/core/errors/catalogue.ts';

/** Codes that the catalogue promises and that nothing uses yet, each with what it waits for. */
const RESERVED: ReadonlyMap<string, string> = new Map([]);

const CATALOGUE = 'src/core/errors/catalogue.ts';
const FILES = projectFiles().filter(
  (file) => file.startsWith('src/') && file.endsWith('.ts') && !file.endsWith('.test.ts'),
);

/** Every text that stands in the code of the program, the catalogue left out. */
function textsInCode(): ReadonlySet<string> {
  const texts = new Set<string>();
  for (const file of FILES) {
    if (file === CATALOGUE) continue;
    walkSyntax(file, readFileSync(inRoot(file), 'utf8'), (node, parent) => {
      // A type that lists codes is no use of them.
      if (typeof node['value'] === 'string' && parent?.type !== 'TSLiteralType') texts.add(node['value']);
    });
  }
  return texts;
}

describe('the error catalogue', () => {
  test('has no code that nothing uses', () => {
    const texts = textsInCode();
    expect(ERROR_CODES.filter((code) => !texts.has(code) && !RESERVED.has(code))).toEqual([]);
    expect([...RESERVED.keys()].filter((code) => texts.has(code))).toEqual([]);
  });

  test.each(ERROR_CODES)('%s stands in the documentation as in the code', (code) => {
    const kind = errorKind(code);
    const rows = readFileSync(inRoot('docs', 'reference', 'errors.md'), 'utf8').split('\n');
    const row = rows.filter((line) => line.startsWith(`| \`${code}\` |`));
    expect(row).toEqual([expect.stringContaining(`| ${kind.status} | \`${kind.type}\` |`)]);
  });

  test.each(ERROR_CODES)('%s has a status, words for a person, and a type of each dialect', (code) => {
    const kind = errorKind(code);
    expect(kind.status >= 400 && kind.status < 600).toBe(true);
    expect([kind.meaning, kind.remedy]).toEqual([
      expect.stringMatching(/^[A-Z].*\.$/),
      expect.stringMatching(/^[A-Z].*\.$/),
    ]);
    expect(kind.type).toMatch(/^[a-z]+(_[a-z]+)+$/);
    expect(kind.anthropicType).toMatch(/_error$|^request_too_large$/);
    expect(kind.retryable).toBe([408, 429, 502, 503, 504].includes(kind.status));
  });
});
