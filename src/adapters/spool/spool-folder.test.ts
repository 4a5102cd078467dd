import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { defaultSpoolFolder, SpoolFolder, type SpoolFile } from './spool-folder.ts';

let below: string;
let folder: string;
beforeEach(async () => {
  below = await mkdtemp(join(tmpdir(), 'waymark-test-'));
  folder = join(below, 'spool');
});
afterEach(async () => {
  await rm(below, { recursive: true, force: true });
});

async function contents(file: SpoolFile): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of file.chunks()) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('a spooled file', () => {
  test('gives back what was put in, more than once, and has no name that anybody could open', async () => {
    const file = await new SpoolFolder(folder).open();
    expect(await readdir(folder)).toEqual([]);
    const big = Buffer.alloc(700_001, 'x').fill('y', 300_000);
    for (const piece of [Buffer.from('one'), Buffer.alloc(0), big]) await file.append(piece);
    const whole = Buffer.concat([Buffer.from('one'), big]);
    expect((await contents(file)).equals(whole)).toBe(true);
    expect((await contents(file)).equals(whole)).toBe(true);
    await file.close();
    await file.close();
    await expect(contents(file)).rejects.toThrow();
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  test.each([
    ['a folder that others can read', async () => chmod(await made(folder), 0o755)],
    ['a link to a folder', async () => symlink(await made(join(below, 'else')), folder)],
    ['a file', async () => writeFile(folder, '')],
  ])('is not put into %s', async (_, prepare) => {
    await prepare();
    await expect(new SpoolFolder(folder).open()).rejects.toThrow();
  });
});

async function made(path: string): Promise<string> {
  await mkdir(path, { mode: 0o700 });
  return path;
}

describe('sweeping', () => {
  test('removes what dead processes left, and nothing else', async () => {
    await made(folder);
    const uuid = '00000000-0000-4000-8000-000000000000';
    // Beyond every limit for process numbers.
    const dead = `99999999-${uuid}`;
    const living = `${process.pid}-${uuid}`;
    for (const name of [dead, living, 'notes.txt', `99999999-${uuid}.bak`]) await writeFile(join(folder, name), '');
    await new SpoolFolder(folder).sweep();
    expect((await readdir(folder)).toSorted()).toEqual([living, 'notes.txt', `99999999-${uuid}.bak`].toSorted());
  });

  test('of a folder that is not there is no trouble', async () => {
    await new SpoolFolder(folder).sweep();
  });

  test('happens below the temporary folder', () => {
    expect(defaultSpoolFolder().startsWith(join(tmpdir(), 'waymark-spool-'))).toBe(true);
  });
});
