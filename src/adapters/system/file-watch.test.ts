import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { FileWatch } from './file-watch.ts';

const NEVER_MS = 3_600_000;
const PATIENCE = { timeout: 8_000, interval: 20 };

let root: string;
let watch: FileWatch | undefined;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'file-watch-')));
});
afterEach(() => {
  watch?.close();
  rmSync(root, { recursive: true, force: true });
});

const below = (...names: string[]): string => join(root, ...names);

/** A watch that reads the files again at every change; `read` holds what it read, one entry for each reading. */
function follow(paths: readonly string[], pollMs = NEVER_MS): string[][] {
  const read: string[][] = [];
  const readAll = (): void => {
    const texts = watch?.reading((readText) => paths.map((path) => textOr(() => readText(path))));
    read.push(texts ?? []);
  };
  watch = new FileWatch({ onChange: readAll, settleMs: 20, pollMs });
  readAll();
  return read;
}

function textOr(work: () => string): string {
  try {
    return work();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? '?';
  }
}

/** No timer of the watch is slower than this when nothing changes. */
const stillness = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 300));

describe('a change is seen', () => {
  test.each<[string, (path: string) => void]>([
    ['written in place', (path) => writeFileSync(path, 'second')],
    [
      'renamed onto',
      (path) => {
        writeFileSync(`${path}.new`, 'second');
        renameSync(`${path}.new`, path);
      },
    ],
    [
      'removed and made again',
      (path) => {
        rmSync(path);
        writeFileSync(path, 'second');
      },
    ],
  ])('%s', async (_name, change) => {
    writeFileSync(below('f'), 'first');
    const read = follow([below('f')]);
    change(below('f'));
    await expect.poll(() => read.at(-1), PATIENCE).toEqual(['second']);
  });

  test('swapped behind a link, time after time', async () => {
    const publish = (day: string): void => {
      mkdirSync(below(day));
      writeFileSync(below(day, 'f'), day);
      symlinkSync(day, below('..data_tmp'));
      renameSync(below('..data_tmp'), below('..data'));
    };
    publish('..1');
    symlinkSync(join('..data', 'f'), below('f'));
    const read = follow([below('f')]);
    for (const day of ['..2', '..3', '..4']) {
      publish(day);
      await expect.poll(() => read.at(-1), PATIENCE).toEqual([day]);
    }
    expect(watch?.folders).toEqual([root, below('..4')]);
  });

  test('a file that was not there appears', async () => {
    const read = follow([below('f')]);
    expect(read).toEqual([['ENOENT']]);
    writeFileSync(below('f'), 'here');
    await expect.poll(() => read.at(-1), PATIENCE).toEqual(['here']);
  });

  test('by looking, where no folder tells: the folder itself is replaced', async () => {
    mkdirSync(below('d'));
    writeFileSync(below('d', 'f'), 'first');
    const read = follow([below('d', 'f')], 50);
    renameSync(below('d'), below('old'));
    mkdirSync(below('d'));
    writeFileSync(below('d', 'f'), 'second');
    await expect.poll(() => read.at(-1), PATIENCE).toEqual(['second']);
    writeFileSync(below('d', 'f'), 'third');
    await expect.poll(() => read.at(-1), PATIENCE).toEqual(['third']);
  });

  test('that came between an earlier reading and the watch', async () => {
    writeFileSync(below('f'), 'first');
    let changes = 0;
    watch = new FileWatch({ onChange: () => (changes += 1), settleMs: 20, pollMs: NEVER_MS });
    watch.adopt([below('f')], Date.now() - 60_000);
    await expect.poll(() => changes, PATIENCE).toBeGreaterThan(0);
  });
});

describe('nothing is read again', () => {
  test('for files beside those that count', async () => {
    writeFileSync(below('f'), 'first');
    const read = follow([below('f')]);
    for (let n = 0; n < 20; n += 1) writeFileSync(below(`other-${n}`), 'x');
    await stillness();
    expect(read).toHaveLength(1);
  });

  test('for files that were read before, and have not changed since', async () => {
    writeFileSync(below('f'), 'first');
    let changes = 0;
    watch = new FileWatch({ onChange: () => (changes += 1), settleMs: 20, pollMs: NEVER_MS });
    watch.adopt([below('f')], Date.now() + 60_000);
    await stillness();
    expect(changes).toBe(0);
  });

  test('after the end', async () => {
    writeFileSync(below('f'), 'first');
    const read = follow([below('f')], 30);
    watch?.close();
    writeFileSync(below('f'), 'second');
    await stillness();
    expect(read).toHaveLength(1);
    expect(watch?.folders).toEqual([]);
  });
});

test('a file that never comes to rest is read all the same', async () => {
  writeFileSync(below('f'), 'first');
  const read = follow([below('f')]);
  let tick = 0;
  const restless = setInterval(() => {
    tick += 1;
    utimesSync(below('f'), tick, tick);
  }, 2);
  try {
    await expect.poll(() => read.length, PATIENCE).toBeGreaterThan(1);
  } finally {
    clearInterval(restless);
  }
});
