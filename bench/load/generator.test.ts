import { describe, expect, test } from 'vitest';
import {
  answerBytes,
  answerEvents,
  hangUp,
  startFakeUpstream,
  type Behaviour,
} from '../../test/support/fake-upstream.ts';
import { runLoad, type LoadOrder } from './generator.ts';

function order(port: number): LoadOrder {
  const request = 'POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\n{}';
  return {
    port,
    connections: 3,
    request,
    bodyEnd: 'data: [DONE]\n\n',
    warmUpMs: 5,
    measureMs: 60,
    watch: [process.pid],
  };
}

test('keeps the connections busy and counts what was answered', async () => {
  await using upstream = await startFakeUpstream(() => answerEvents([{ a: 1 }]));
  const result = await runLoad(order(upstream.port));
  expect(upstream.connections).toBe(3);
  expect(result.requests).toBeGreaterThan(3);
  expect(result.requests).toBeLessThanOrEqual(upstream.requests.length);
  expect(result.latencies.every((latency) => latency > 0)).toBe(true);
  expect(result.cpu[0]).toBeGreaterThan(0);
});

describe('never counts a broken answer', () => {
  const cases: [name: string, behaviour: Behaviour, message: RegExp][] = [
    ['another status', answerBytes('data: [DONE]\n\n', { status: 500 }), /status 500/],
    ['another end', answerEvents([{ a: 1 }], { done: false }), /ends with/],
    ['a stream cut short', answerEvents([{ a: 1 }], { ending: 'cut' }), /closed a connection/],
    ['no answer', hangUp(), /closed a connection/],
  ];
  test.each(cases)('%s', async (_name, behaviour, message) => {
    await using upstream = await startFakeUpstream(() => behaviour);
    await expect(runLoad(order(upstream.port))).rejects.toThrow(message);
  });
});
