import { describe, expect, test } from 'vitest';
import { floorFindings } from './findings.ts';

const FORBIDDEN: readonly (readonly [file: string, text: string, advice: RegExp])[] = [
  ['src/core/base/a.ts', "import { b } from '../errors/b.ts';", /Floor 0 imports nothing/],
  ['src/core/base/a.ts', "import { b } from './../errors/b.ts';", /Floor 0 imports nothing/],
  ['src/core/errors/a.ts', "import { inspect } from 'node:util';", /Floor 0 imports nothing/],
  ['src/core/base/a.ts', "import { RE2JS } from 're2js';", /Floor 0 imports nothing/],
  ['src/core/routing/a.ts', "import { b } from '../wire/b.ts';", /Floor 1 is pure/],
  ['src/core/routing/a.ts', "import type { B } from '../../config/b.ts';", /Floor 1 is pure/],
  ['src/core/routing/a.ts', "export { b } from '../../config/b.ts';", /Floor 1 is pure/],
  ['src/core/routing/a.ts', "export * from '../../config/b.ts';", /Floor 1 is pure/],
  ['src/core/wire/a.ts', "import { createHash } from 'node:crypto';", /Floor 1 is pure/],
  ['src/core/wire/a.ts', "const b = import('node:fs');", /Floor 1 is pure/],
  ['src/core/wire/a.ts', "let b: import('../../gateway/b.ts').B;", /Floor 1 is pure/],
  ['src/core/wire/a.ts', 'const b = import(name);', /cannot be checked/],
  ['src/core/pricing/a.ts', 'const now = Date.now();', /The clock arrives/],
  ['src/core/pricing/a.ts', 'const now = new Date();', /The clock arrives/],
  ['src/core/limits/a.ts', 'performance.now();', /The clock arrives/],
  ['src/core/routing/a.ts', 'Math.random();', /Randomness arrives/],
  ['src/core/routing/a.ts', "Math['random']();", /Randomness arrives/],
  ['src/core/routing/a.ts', 'crypto.randomUUID();', /Randomness arrives/],
  ['src/core/routing/a.ts', 'globalThis.Date.now();', /no globals/],
  ['src/core/routing/a.ts', 'export async function f() {}', /never waits/],
  ['src/core/routing/a.ts', 'const f = { async g() {} };', /never waits/],
  ['src/core/base/a.ts', 'setTimeout(() => 1, 5);', /never waits/],
  ['src/core/base/a.ts', 'const p = Promise.resolve(1);', /never waits/],
  ['src/core/base/a.ts', 'process.env.X;', /environment arrives/],
  ['src/core/base/a.ts', "const x = require('node:fs');", /imports statically/],
  ['src/config/a.ts', "import { b } from '../providers/b.ts';", /Floor 2 imports core only/],
  ['src/config/check/a.ts', "import { b } from '../../gateway/b.ts';", /Floor 2 imports core only/],
  ['src/providers/a.ts', "import { Pool } from 'undici';", /No network, files or databases/],
  ['src/config/a.ts', "import { readFileSync } from 'node:fs';", /No network, files or databases/],
  ['src/config/a.ts', "import { readFile } from 'node:fs/promises';", /No network, files or databases/],
  ['src/ledger/a.ts', "import { DatabaseSync } from 'node:sqlite';", /No network, files or databases/],
  ['src/gateway/a.ts', "import { b } from '../adapters/upstream/b.ts';", /ports, never their implementations/],
  ['src/gateway/steps/a.ts', "import { b } from '../../surfaces/http/b.ts';", /ports, never their implementations/],
  ['src/gateway/steps/a.ts', "import type { IncomingMessage } from 'node:http';", /never a transport/],
  ['src/gateway/steps/a.ts', "import { Pool } from 'undici/lib/pool.js';", /never a transport/],
  ['src/adapters/upstream/a.ts', "import { b } from '../../gateway/b.ts';", /implements a port/],
  ['src/adapters/brandnew/a.ts', "import { b } from '../upstream/b.ts';", /nor another adapter/],
  ['src/surfaces/http/a.ts', "import { b } from '../cli/b.ts';", /knows no other surface/],
  ['src/surfaces/http/a.ts', "import { b } from '../../adapters/upstream/b.ts';", /gets its adapters from compose/],
  ['src/surfaces/http/a.ts', "import { request } from 'undici';", /do not call out/],
  ['src/surfaces/cli/a.ts', "import { b } from '../../compose.ts';", /gets its adapters from compose/],
  ['src/main.ts', "import { b } from '../test/support/b.ts';", /never imports tests/],
  ['src/newroom/a.ts', '', /no room of that name/],
  ['src/core/newroom/a.ts', '', /no room of that name/],
  ['src/stray.ts', '', /no room of that name/],
];

const ALLOWED: readonly (readonly [file: string, text: string])[] = [
  ['src/core/base/a.ts', "import { b } from './b.ts';"],
  [
    'src/core/routing/a.ts',
    "import { RE2JS } from 're2js'; import { isUtf8 } from 'node:buffer'; import { b } from '../base/b.ts'; import { c } from './c.ts';",
  ],
  ['src/core/routing/a.ts', 'const d = { Date: 1 }; d.Date; interface P { process: string } Math.floor(1);'],
  [
    'src/config/check/a.ts',
    "import { b } from '../contract.ts'; import { c } from '../../core/routing/c.ts'; import { parse } from 'yaml';",
  ],
  ['src/providers/openai/a.ts', "import { createHash } from 'node:crypto'; import { b } from '../contract.ts';"],
  ['src/gateway/steps/a.ts', "import { b } from '../../config/b.ts'; import { c } from '../exchange.ts';"],
  [
    'src/adapters/upstream/deep/a.ts',
    "import { Pool } from 'undici'; import { b } from '../other/b.ts'; import { c } from '../../../providers/c.ts';",
  ],
  [
    'src/surfaces/http/a.ts',
    "import http from 'node:http'; import { b } from '../../gateway/b.ts'; const c = import('./c.ts');",
  ],
  ['src/compose.ts', "import { a } from './adapters/upstream/a.ts'; import { b } from './surfaces/http/b.ts';"],
  ['src/main.ts', "import manifest from '../package.json' with { type: 'json' }; import { b } from './compose.ts';"],
];

describe('floors', () => {
  test.each(FORBIDDEN)('%s may not: %s', (file, text, advice) => {
    expect(floorFindings(file, `\n${text}`)).toEqual([expect.stringMatching(advice)]);
  });

  test.each(ALLOWED)('%s may: %s', (file, text) => {
    expect(floorFindings(file, text)).toEqual([]);
  });
});
