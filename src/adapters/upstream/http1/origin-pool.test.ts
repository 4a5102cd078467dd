import { expect, test } from 'vitest';

import type { Connection } from './connection.ts';
import { OriginPool } from './origin-pool.ts';
import { Sweep } from './sweep.ts';
import { straightTo } from './target.ts';

test.each([
  ['60 s where nothing is known', undefined, false, 60],
  ['4 s less than the upstream keeps it', 30, false, 26],
  ['no time at all where the upstream keeps it no longer than that', 3, false, 0],
  ['60 s where the upstream keeps it for ever', 86_400, false, 60],
  ['4 s where the upstream has closed one first', undefined, true, 4],
  ['what the upstream says even then', 30, true, 26],
])('a free connection is kept %s', (_what, hint, closedFirst, seconds) => {
  const sweep = new Sweep();
  const pool = new OriginPool(straightTo('http://127.0.0.1:1'), { sweep, connectSeconds: 1 });
  const connection = { idleUntil: Infinity } as Connection;
  if (closedFirst) pool.gone({} as Connection, true);
  pool.released(connection, hint);
  expect(connection.idleUntil).toBe(sweep.after(seconds));
});
