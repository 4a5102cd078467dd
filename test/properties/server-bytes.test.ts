import fc from 'fast-check';
import { expect, test } from 'vitest';

import { HttpFault } from '../../src/core/wire/http1/http-fault.ts';
import { RequestParser } from '../../src/core/wire/http1/request-parser.ts';
import { bodiesOf, get, head, serve, soon } from '../support/http-server-stage.ts';

/** What a careful reader finds in the bytes of a connection: the targets of the requests in them, and whether the bytes are at fault. */
function targetsIn(bytes: Buffer): { targets: string[]; faulty: boolean } {
  const targets: string[] = [];
  const parser = new RequestParser({ onHead: ({ target }) => targets.push(target), onPiece: () => undefined });
  try {
    for (let at = 0; at < bytes.byteLength;) {
      const before = targets.length;
      try {
        at = parser.feed(bytes, at);
      } catch (error) {
        // A head whose body is at fault in the same read is not handled.
        targets.length = before;
        throw error;
      }
      if (parser.done) parser.reset();
    }
  } catch (error) {
    expect(error).toBeInstanceOf(HttpFault);
    return { targets, faulty: true };
  }
  return { targets, faulty: false };
}

const POST = 'POST /post HTTP/1.1';
const request = fc.constantFrom(
  get('/get'),
  head(POST, 'Host: a', 'Content-Length: 5') + 'hello',
  `${head(POST, 'Host: a', 'Transfer-Encoding: chunked')}5;x=y\r\nhello\r\n0\r\nX: y\r\n\r\n`,
  head(POST, 'Host: a', 'Content-Length: 34') + 'GET /evil HTTP/1.1\r\nHost: evil\r\n\r\n',
);
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  drop: fc.nat(2),
  add: fc.constantFrom('', '\r', '\n', '\r\n', ' ', ':', '\0', '0', '5', ',', '\x80'),
});

const altered = fc
  .tuple(fc.array(request, { minLength: 1, maxLength: 4 }), fc.array(change, { maxLength: 2 }))
  .map(([requests, changes]) =>
    changes.reduce((text, { at, drop, add }) => {
      const index = Math.floor(at * text.length);
      return text.slice(0, index) + add + text.slice(index + drop);
    }, requests.join('')),
  );

test('whatever comes, the server handles the requests that are in it, answers each once, and lives on', async () => {
  const stage = await serve((exchange) => exchange.answer(200, [], exchange.path));
  await fc.assert(
    fc.asyncProperty(altered, async (text) => {
      const client = await stage.open();
      const before = stage.exchanges.length;
      client.socket.end(Buffer.from(text, 'latin1'));
      const answers = await client.closed();
      const { targets, faulty } = targetsIn(Buffer.from(text, 'latin1'));
      const handled = stage.exchanges.slice(before).map(({ path }) => path);
      const paths = targets.map((target) => target.split('?')[0] ?? '');
      // A body of unknown length that is not complete when it is answered ends the connection, so fewer may be handled, never others.
      expect(paths.slice(0, handled.length)).toEqual(handled);
      const statuses = answers.match(/HTTP\/1\.1 \d{3}/g) ?? [];
      expect(statuses.filter((status) => status.endsWith('200'))).toHaveLength(handled.length);
      expect(statuses.length).toBeLessThanOrEqual(handled.length + (faulty ? 1 : 0));
    }),
    { numRuns: 300 },
  );
  const client = await stage.open();
  client.send(get('/alive', 'Connection: close'));
  expect(bodiesOf(await client.closed())).toEqual(['/alive']);
});

test('random bytes are handled by nobody, in whatever pieces', async () => {
  const stage = await serve((exchange) => exchange.answer(200, [], 'x'));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { maxLength: 4 }), async (pieces) => {
      const client = await stage.open();
      for (const piece of pieces) {
        client.socket.write(piece);
        await soon();
      }
      client.socket.end();
      expect(await client.closed()).not.toContain('HTTP/1.1 200');
    }),
    { numRuns: 100 },
  );
  expect(stage.exchanges).toEqual([]);
});
