import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { AnswerWriter } from './answer-writer.ts';

const TAIL = { tail: 'connection: keep-alive\r\n' };
const HEAD = `HTTP/1.1 200 OK\r\nx-a: b\r\n${TAIL.tail}`;

/** Stands for a socket. What is written while it is corked is one write. */
function fakeSocket(): { socket: Socket; writes: string[] } {
  const writes: string[] = [];
  let corked: string | undefined;
  const fake = {
    writable: true,
    write: (bytes: Buffer | string) => {
      const text = Buffer.isBuffer(bytes) ? bytes.toString('latin1') : Buffer.from(bytes).toString('latin1');
      if (corked === undefined) writes.push(text);
      else corked += text;
      return true;
    },
    cork: () => (corked = ''),
    uncork: () => {
      writes.push(corked ?? '');
      corked = undefined;
    },
  };
  return { socket: fake as unknown as Socket, writes };
}

const GET = { method: 'GET', http10: false };

test('a whole answer is one write, small or large', () => {
  for (const body of ['', 'body', 'b\u00f6dy', 'x'.repeat(100_000)]) {
    const { socket, writes } = fakeSocket();
    const writer = new AnswerWriter(socket, GET);
    writer.begin(200, ['x-a', 'b'], { ...TAIL, body });
    const bytes = Buffer.from(body);
    expect(writes).toEqual([`${HEAD}content-length: ${bytes.byteLength}\r\n\r\n${bytes.toString('latin1')}`]);
    expect(writer).toMatchObject({ begun: true, whole: true });
  }
});

test('head, pieces and end that come together are one write', async () => {
  const { socket, writes } = fakeSocket();
  const writer = new AnswerWriter(socket, GET);
  writer.begin(200, ['x-a', 'b'], TAIL);
  writer.write('one');
  await Promise.resolve();
  writer.write(Buffer.from('two'));
  await Promise.resolve();
  writer.end();
  const whole = `${HEAD}transfer-encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n`;
  expect(writes).toEqual([whole]);
  await setImmediate();
  expect(writes).toEqual([whole]);
});

test('a head alone goes out with the turn of the loop, and each later piece at once', async () => {
  const { socket, writes } = fakeSocket();
  const writer = new AnswerWriter(socket, GET);
  writer.begin(200, ['x-a', 'b'], TAIL);
  expect(writes).toEqual([]);
  await setImmediate();
  expect(writes).toEqual([`${HEAD}transfer-encoding: chunked\r\n\r\n`]);
  writer.write('one');
  expect(writes.slice(1)).toEqual(['3\r\none\r\n']);
  writer.write('x'.repeat(40_000));
  expect(writes.slice(2)).toEqual([`9c40\r\n${'x'.repeat(40_000)}\r\n`]);
  writer.end();
  expect(writes.slice(3)).toEqual(['0\r\n\r\n']);
});

test('what is held is bounded', () => {
  const { socket, writes } = fakeSocket();
  const writer = new AnswerWriter(socket, GET);
  writer.begin(200, ['x-a', 'b'], TAIL);
  for (let index = 0; index < 4; index += 1) writer.write('x'.repeat(10_000));
  expect(writes.join('').length).toBeGreaterThan(40_000);
});

test('a length that is no number is not written', () => {
  const { socket, writes } = fakeSocket();
  const writer = new AnswerWriter(socket, GET);
  expect(() => writer.begin(200, ['content-length', '5, 5'], TAIL)).toThrow(/content-length/);
  expect(writer.begun).toBe(false);
  expect(writes).toEqual([]);
});
