import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inRoot } from '../../scripts/workshop/root.ts';
import { projectFiles } from '../../scripts/workshop/tracked-files.ts';

const PAGES = projectFiles().filter((file) => file.endsWith('.md'));
const read = (file: string): string => readFileSync(inRoot(...file.split('/')), 'utf8');

/** The text of a page without its code blocks. */
function prose(file: string): string {
  return read(file).replaceAll(/^```[\s\S]*?^```$/gm, '');
}

/** The anchors that a page's headings make: lower case, spaces to hyphens, punctuation dropped. */
function anchors(file: string): readonly string[] {
  return [...prose(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** What a link on a page leads to and is not there, or undefined. */
function broken(page: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : posix.normalize(posix.join(posix.dirname(page), path));
  if (!existsSync(inRoot(target))) return `${link}: no such file`;
  if (anchor === undefined || !target.endsWith('.md')) return undefined;
  return anchors(target).includes(anchor) ? undefined : `${link}: no such heading`;
}

describe('the documentation', () => {
  test.each(PAGES)('%s links only to what is there', (page) => {
    const links = [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    const local = links.filter((link) => !/^[a-z]+:/.test(link));
    expect(local.map((link) => broken(page, link)).filter((problem) => problem !== undefined)).toEqual([]);
  });

  test.each(PAGES)('%s has no picture from elsewhere and no exclamation mark at the end of a sentence', (page) => {
    expect(prose(page)).not.toMatch(/!\[[^\]]*\]\(https?:/);
    expect(prose(page).replaceAll(/`[^`]*`/g, '')).not.toMatch(/\p{L}!(?:\s|$)/u);
  });

  test('every decision is listed, numbered in order and dated', () => {
    const files = PAGES.filter((file) => /^docs\/decisions\/\d/.test(file)).map((file) => posix.basename(file));
    const listed = [...read('docs/decisions/README.md').matchAll(/\[(\d{4})\]\((.+?\.md)\)/g)];
    expect(listed.map(([, , file]) => file)).toEqual(files);
    expect(listed.map(([, number]) => Number(number))).toEqual(files.map((_, index) => index + 1));
    for (const file of files)
      expect(read(`docs/decisions/${file}`)).toMatch(/^# \d{4}: .+\n\nDate: \d{4}-\d{2}-\d{2}\n/);
  });

  test('every command that the pages tell people to run is a script of the package', () => {
    const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts;
    const named = PAGES.flatMap((page) => [...read(page).matchAll(/npm run ([a-z-]+)/g)].map(([, name = '']) => name));
    expect([...new Set(named)].filter((name) => !(name in scripts))).toEqual([]);
  });
});
