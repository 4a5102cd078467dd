import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { WorkerEvents } from '../actions.ts';
import { WorkerPool } from './worker-pool.ts';

interface Started {
  readonly number: number;
  readonly events: WorkerEvents;
  readonly signals: string[];
}

/** A pool of workers that do what the test says. */
function poolOf(count: number) {
  const started: Started[] = [];
  const log: [string, Readonly<Record<string, unknown>>][] = [];
  const pool = new WorkerPool(count, {
    actions: {
      start(number, events) {
        const signals: string[] = [];
        started.push({ number, events, signals });
        return { pid: 100 + number, signal: (name) => void signals.push(name) };
      },
    },
    log: {
      notice: (message, fields) => void log.push([message, fields]),
      failure: (message, fields) => void log.push([message, fields]),
    },
    now: () => Date.now(),
  });
  const last = (): Started => {
    const worker = started.at(-1);
    if (worker === undefined) throw new Error('No worker was started.');
    return worker;
  };
  return { pool, started, log, last };
}

const READY = { port: 4000, problems: [] };
const KILLED = { status: null, signal: 'SIGKILL' };

async function serving(count: number) {
  const world = poolOf(count);
  const first = world.pool.startFirst();
  world.last().events.ready(READY);
  await first;
  world.pool.startOthers();
  for (const { events } of world.started.slice(1)) events.ready(READY);
  return world;
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('the start', () => {
  test('the first worker starts alone, the others once it serves', async () => {
    const { pool, started } = poolOf(3);
    const first = pool.startFirst();
    expect(started.map(({ number }) => number)).toEqual([1]);
    started[0]?.events.ready(READY);
    expect(await first).toEqual({ started: READY });
    pool.startOthers();
    expect(started.map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  test.each([
    [{ status: 2, signal: null }, 2],
    [KILLED, 1],
  ])('a first worker that cannot serve ends the program, and is not started again: %j', async (end, status) => {
    const { pool, started } = poolOf(3);
    const first = pool.startFirst();
    started[0]?.events.ended(end);
    expect(await first).toEqual({ status });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(started).toHaveLength(1);
  });
});

describe('a worker that ends', () => {
  test('is started again at once, then after waits that grow to half a minute', async () => {
    const { started, last, log } = await serving(2);
    const waits: number[] = [];
    for (let end = 0; end < 9; end += 1) {
      const before = started.length;
      const at = Date.now();
      last().events.ended(KILLED);
      while (started.length === before) await vi.advanceTimersByTimeAsync(500);
      waits.push(Math.floor((Date.now() - at) / 1000));
    }
    expect(waits).toEqual([0, 1, 2, 4, 8, 16, 30, 30, 30]);
    expect(new Set(started.slice(2).map(({ number }) => number))).toEqual(new Set([2]));
    expect(log[0]).toEqual([
      'worker ended; another takes its place',
      { worker: 2, pid: 102, status: null, signal: 'SIGKILL', startsInMs: 0 },
    ]);
  });

  test('after a sound minute begins a new series', async () => {
    const { last, log } = await serving(2);
    last().events.ended(KILLED);
    await vi.advanceTimersByTimeAsync(1);
    last().events.ready(READY);
    await vi.advanceTimersByTimeAsync(60_000);
    last().events.ended(KILLED);
    expect(log.map(([message, { startsInMs }]) => [message, startsInMs])).toEqual([
      ['worker ended; another takes its place', 0],
      ['worker serves again', undefined],
      ['worker ended; another takes its place', 0],
    ]);
  });

  test('the first one too, once it has served', async () => {
    const { started } = await serving(2);
    started[0]?.events.ended(KILLED);
    await vi.advanceTimersByTimeAsync(1);
    expect(started.map(({ number }) => number)).toEqual([1, 2, 1]);
  });
});

describe('signals', () => {
  test('every worker reads the config again', async () => {
    const { pool, started } = await serving(3);
    pool.readAgain();
    expect(started.map(({ signals }) => signals)).toEqual([['SIGHUP'], ['SIGHUP'], ['SIGHUP']]);
  });

  test('one that is being started does not get a signal that it would not understand yet', async () => {
    const { pool, started } = await serving(2);
    started[0]?.events.ended(KILLED);
    await vi.advanceTimersByTimeAsync(1);
    pool.readAgain();
    expect(started.map(({ signals }) => signals)).toEqual([[], ['SIGHUP'], []]);
  });

  test('a stop counts the workers that fail, not those that were only being started', async () => {
    const { pool, started } = await serving(3);
    started[0]?.events.ended(KILLED);
    await vi.advanceTimersByTimeAsync(1);
    const stopped = pool.stop(30);
    started[1]?.events.ended({ status: 1, signal: null });
    started[2]?.events.ended({ status: 0, signal: null });
    started[3]?.events.ended({ status: null, signal: 'SIGTERM' });
    expect(await stopped).toBe(1);
  });

  test('a drain time beyond what timers count is long, not none', async () => {
    const { pool, started } = await serving(2);
    void pool.stop(1e9);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(started.map(({ signals }) => signals)).toEqual([['SIGTERM'], ['SIGTERM']]);
  });

  test('a stop waits for all of them, and starts none again', async () => {
    const { pool, started } = await serving(2);
    const stopped = pool.stop(30);
    for (const { events, signals } of started) {
      expect(signals).toEqual(['SIGTERM']);
      events.ended({ status: 0, signal: null });
    }
    expect(await stopped).toBe(0);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(started).toHaveLength(2);
  });

  test('a stop does not wait for one that is about to be started again', async () => {
    const { pool, started } = await serving(1);
    started[0]?.events.ended(KILLED);
    expect(await pool.stop(30)).toBe(0);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(started).toHaveLength(1);
  });

  test('what has not ended well after its time is ended by force, and counted', async () => {
    const { pool, started } = await serving(3);
    const stopped = pool.stop(30);
    started[0]?.events.ended({ status: 0, signal: null });
    await vi.advanceTimersByTimeAsync(34_000);
    expect(started[1]?.signals).toEqual(['SIGTERM']);
    await vi.advanceTimersByTimeAsync(2000);
    for (const { events, signals } of started.slice(1)) {
      expect(signals).toEqual(['SIGTERM', 'SIGKILL']);
      events.ended(KILLED);
    }
    expect(await stopped).toBe(2);
  });
});
