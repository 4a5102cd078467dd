import { expect, test } from 'vitest';

import { PinoLog } from './pino-log.ts';

const levels = { gateway_failed: 50, upstream_failed: 40, ok: 30, refused: 30, client_gone: 30 } as const;

function logTo(
  level: 'debug' | 'info' | 'warn' | 'silent',
  worker?: number,
): { log: PinoLog; lines: () => Record<string, unknown>[] } {
  const written: string[] = [];
  const log = new PinoLog(level, { destination: { write: (line) => void written.push(line) }, worker });
  const lines = (): Record<string, unknown>[] =>
    written.map((line) => {
      expect(line.endsWith('\n')).toBe(true);
      return JSON.parse(line) as Record<string, unknown>;
    });
  return { log, lines };
}

test.each(Object.entries(levels))('a call that ended as %s is a line of level %i', (outcome, level) => {
  const { log, lines } = logTo('info');
  const record = { outcome, callId: 'id', tags: ['a"b\n'], internal: undefined };
  log.call(record);
  expect(lines()).toEqual([{ level, time: expect.any(Number), msg: 'call', outcome, callId: 'id', tags: ['a"b\n'] }]);
});

test.each([
  ['debug', 4],
  ['info', 3],
  ['warn', 2],
  ['silent', 0],
] as const)('level %s lets %i lines through', (level, count) => {
  const { log, lines } = logTo(level);
  log.detail('reasons', { callId: 'id' });
  log.call({ outcome: 'ok' });
  log.call({ outcome: 'upstream_failed' });
  log.failure('went wrong', { callId: 'id' });
  expect(lines()).toHaveLength(count);
  expect(log.detailed).toBe(level === 'debug');
});

test('where several processes serve, every line says which of them wrote it', () => {
  const { log, lines } = logTo('info', 2);
  log.call({ outcome: 'ok' });
  log.notice('config reloaded', {});
  expect(lines().map(({ msg, worker }) => [msg, worker])).toEqual([
    ['call', 2],
    ['config reloaded', 2],
  ]);
});
