import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundledPackages, renderLicences } from '../../scripts/build/licences.ts';
import { writePackage } from '../../scripts/build/package.ts';
import { inRoot } from '../../scripts/workshop/root.ts';

const BUNDLED = [
  inRoot('src', 'main.ts'),
  inRoot('node_modules', 'commander', 'index.js'),
  inRoot('node_modules', 'commander', 'lib', 'command.js'),
];
let built: string;

beforeAll(() => {
  built = mkdtempSync(join(tmpdir(), 'waymark-package-'));
  mkdirSync(join(built, 'chunks'));
  const files = ['waymark.mjs', 'main.mjs', 'main.mjs.map', 'sqlite-worker.mjs', 'chunks/a.mjs', 'chunks/a.mjs.map'];
  for (const file of files) {
    writeFileSync(join(built, file), file);
  }
  writePackage(built, BUNDLED);
});

afterAll(() => rmSync(built, { recursive: true, force: true }));

test('the package holds the program, its licences and nothing else', () => {
  const files = readdirSync(join(built, 'package'), { recursive: true, encoding: 'utf8' });
  expect(files.map((file) => file.replaceAll('\\', '/')).sort((a, b) => a.localeCompare(b, 'en'))).toEqual([
    'chunks',
    'chunks/a.mjs',
    'config.schema.json',
    'LICENSE',
    'main.mjs',
    'package.json',
    'README.md',
    'sqlite-worker.mjs',
    'THIRD-PARTY-LICENCES.txt',
    'waymark.mjs',
  ]);
});

test('its manifest asks for a Node, and for no package and no script', () => {
  const manifest = JSON.parse(readFileSync(join(built, 'package', 'package.json'), 'utf8')) as Record<string, unknown>;
  expect(manifest).toMatchObject({
    name: 'waymark-gateway',
    license: 'Apache-2.0',
    bin: { waymark: 'waymark.mjs', litellm: 'waymark.mjs' },
    engines: { node: '>=24.11' },
  });
  const unwanted = [
    'dependencies',
    'devDependencies',
    'optionalDependencies',
    'peerDependencies',
    'scripts',
    'private',
  ];
  expect(unwanted.filter((key) => key in manifest)).toEqual([]);
});

test('the licences name each bundled package once, with its text', () => {
  const packages = bundledPackages(BUNDLED);
  expect(packages.map(({ name, licence }) => [name, licence])).toEqual([['commander', 'MIT']]);
  expect(renderLicences(packages)).toMatch(/commander \d+\.\d+\.\d+ \(MIT\)[\s\S]+Permission is hereby granted/);
});
