// `npm run docs` writes the generated pages of docs/reference; with --check it only says which of them are out of date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { PAGES } from './docs/generated.ts';
import { inRoot } from './workshop/root.ts';

const check = process.argv.includes('--check');
const stale: string[] = [];
for (const page of PAGES) {
  const path = inRoot(page.file);
  const wanted = await page.render();
  if (existsSync(path) && readFileSync(path, 'utf8') === wanted) continue;
  stale.push(page.file);
  if (!check) writeFileSync(path, wanted);
}
for (const file of stale)
  process.stdout.write(check ? `${file} differs from the code. Run "npm run docs".\n` : `Wrote ${file}.\n`);
if (check && stale.length > 0) process.exitCode = 1;
