import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ADAPTERS = join(import.meta.dirname, '..');
const FOLDERS = ['sql', 'sqlite', 'postgres'];

/** Ways around parameters: text that becomes SQL as it is. What is allowed stands beside it, whole. */
const WAYS: readonly (readonly [pattern: RegExp, allowed: readonly string[]])[] = [
  [/\bsql\s*\.\s*(?:raw|lit|literal)\b.*/g, []],
  [/\bCompiledQuery\s*\.\s*raw\((?!'[^']*'\)).*/g, []],
  [/\.(?:exec|query|prepare)\(\s*`.*/g, ['.query(`listen ${pg.escapeIdentifier(this.#channel)}`);']],
  [/\.(?:exec|query|prepare)\([^)]*\+.*/g, []],
  [/(?:connection|database|db)\s*\.exec\((?!'[^']*'\)).*/gi, []],
];

/** The findings in one file's text. */
function waysAround(text: string): readonly string[] {
  return WAYS.flatMap(([pattern, allowed]) =>
    [...text.matchAll(pattern)].map(([found]) => found).filter((found) => !allowed.includes(found)),
  );
}

test('no SQL is put together from text: values travel as parameters', () => {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(ADAPTERS, folder))
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => join(ADAPTERS, folder, file)),
  );
  expect(files.length).toBeGreaterThan(15);
  const found = files.flatMap((file) => waysAround(readFileSync(file, 'utf8')).map((way) => `${file}: ${way}`));
  expect(found).toEqual([]);
});

test.each([
  'sql.raw(`select ${x}`)',
  'CompiledQuery.raw(text)',
  "CompiledQuery.raw('delete from ' + table)",
  'client.query(`select ${x}`)',
  "db.exec('pragma ' + x)",
  "connection.prepare('select ' + x)",
  'connection.exec(text)',
])('%s would be found', (text) => {
  expect(waysAround(text)).not.toEqual([]);
});
