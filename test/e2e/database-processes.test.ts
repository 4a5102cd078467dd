// Several processes on one database file, as workers are: opened in the same moment, written at the same time, one killed meanwhile.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { tokenOf } from '../support/account-records.ts';

const PROCESSES = 4;
const KEYS_EACH = 15;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'database-processes-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const moduleAt = (...path: string[]): string =>
  JSON.stringify(pathToFileURL(join(import.meta.dirname, '..', '..', ...path)).href);

/** Opens the file, then makes keys one after the other when told to. A line for each that is made, and for each of others that is heard of. */
const PROGRAM = `
import { once } from 'node:events';
import { openSqlite } from ${moduleAt('src', 'adapters', 'sqlite', 'open-sqlite.ts')};
import { KyselyAccountStore } from ${moduleAt('src', 'adapters', 'sql', 'account-store.ts')};
import { keyRecord, tokenOf } from ${moduleAt('test', 'support', 'account-records.ts')};

const [path, name, count] = process.argv.slice(1);
await once(process.stdin, 'data');
const store = await KyselyAccountStore.open(openSqlite(path));
const own = new Set(Array.from({ length: Number(count) }, (_, index) => 'key:' + tokenOf(name + index)));
store.watch((notices) => {
  for (const notice of notices) if (!own.has(notice)) console.log('heard ' + notice);
});
console.log('open');
await once(process.stdin, 'data');
for (let index = 0; index < Number(count); index += 1) {
  await store.apply({ put: { keys: [keyRecord(name + index)] }, createOnly: true, audit: [] });
  console.log('made ' + name + index);
}
console.log('done');
await once(process.stdin, 'data');
await store.close();
process.stdin.destroy();
`;

interface Writer {
  readonly child: ChildProcess;
  readonly lines: string[];
  readonly ended: Promise<number | string | null>;
  /** Resolves once it has said this. Rejects where it ends before. */
  said(what: (lines: readonly string[]) => boolean): Promise<void>;
  tell(): void;
}

function startWriter(path: string, name: string): Writer {
  const args = ['--input-type=module', '-e', PROGRAM, path, name, String(KEYS_EACH)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let errors = '';
  const look = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const each of look) each();
  });
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = new Promise<number | string | null>((resolve) => {
    child.on('close', (status, signal) => resolve(signal ?? status));
  });
  const said: Writer['said'] = async (what) =>
    await new Promise((resolve, reject) => {
      const each = (): void => {
        if (what(lines)) resolve();
      };
      look.add(each);
      void ended.then((end) => reject(new Error(`${name} ended with ${end}:\n${lines.join('\n')}\n${errors}`)));
      each();
    });
  return { child, lines, ended, said, tell: () => void child.stdin.write('go\n') };
}

test('all of them open a file that is not there yet, write into it, and hear of each other; one that is killed spoils nothing', async () => {
  const path = join(folder, 'waymark.db');
  const writers = Array.from({ length: PROCESSES }, (_, index) => startWriter(path, `key-${index}-`));
  const [victim, ...others] = writers;
  try {
    for (const writer of writers) writer.tell();
    await Promise.all(writers.map((writer) => writer.said((lines) => lines.includes('open'))));
    for (const writer of writers) writer.tell();
    await victim?.said((lines) => lines.some((line) => line.startsWith('made ')));
    victim?.child.kill('SIGKILL');
    expect(await victim?.ended).toBe('SIGKILL');
    await Promise.all(others.map((writer) => writer.said((lines) => lines.includes('done'))));

    const made = writers.flatMap(({ lines }) => lines.flatMap((line) => /^made (.+)/.exec(line)?.[1] ?? []));
    for (const [index, writer] of writers.entries()) {
      if (writer === victim) continue;
      const foreign = made
        .filter((name) => !name.startsWith(`key-${index}-`))
        .map((name) => `heard key:${tokenOf(name)}`);
      await writer.said((lines) => foreign.every((line) => lines.includes(line)));
    }
    for (const writer of others) writer.tell();
    expect(await Promise.all(others.map(async (writer) => await writer.ended))).toEqual(others.map(() => 0));

    const database = new DatabaseSync(path, { readOnly: true });
    expect(database.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    const kept = new Set(
      database
        .prepare('select token from waymark_keys')
        .all()
        .map(({ token }) => token),
    );
    database.close();
    // What was said to be made is there; of the one that was killed perhaps one key more, which it could not speak of any more.
    for (const name of made) expect(kept.has(tokenOf(name)), name).toBe(true);
    expect(made.length).toBeGreaterThan((PROCESSES - 1) * KEYS_EACH);
    expect(kept.size - made.length).toBeLessThanOrEqual(1);
  } finally {
    for (const { child } of writers) child.kill('SIGKILL');
  }
}, 60_000);
