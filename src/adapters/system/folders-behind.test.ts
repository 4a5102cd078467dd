import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { foldersBehind } from './folders-behind.ts';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'folders-behind-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const below = (...names: string[]): string => join(root, ...names);

test('a plain file lies in its own folder, whether it is there or not', () => {
  writeFileSync(below('there'), '');
  expect(foldersBehind(below('there'))).toEqual([root]);
  expect(foldersBehind(below('nowhere', 'file'))).toEqual([below('nowhere')]);
});

test('a ConfigMap is a link beside the file and a link to the folder of the day', () => {
  mkdirSync(below('..2026_1'));
  writeFileSync(below('..2026_1', 'config.yaml'), '');
  symlinkSync('..2026_1', below('..data'));
  symlinkSync(join('..data', 'config.yaml'), below('config.yaml'));
  expect(foldersBehind(below('config.yaml'))).toEqual([root, below('..2026_1')]);
});

test('a link higher up the path counts too', () => {
  mkdirSync(below('releases', '1', 'etc'), { recursive: true });
  symlinkSync(join('releases', '1'), below('current'));
  expect(foldersBehind(below('current', 'etc', 'config.yaml'))).toEqual([
    below('current', 'etc'),
    root,
    below('releases', '1', 'etc'),
  ]);
});

test('links in a circle end', () => {
  symlinkSync('b', below('a'));
  symlinkSync('a', below('b'));
  expect(foldersBehind(below('a'))).toEqual([root]);
});
