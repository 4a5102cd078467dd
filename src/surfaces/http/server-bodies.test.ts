import { describe, expect, test, vi } from 'vitest';

import type { GatewayError } from '../../core/errors/gateway-error.ts';
import { answerError } from '../../gateway/error-answer.ts';
import {
  LIMIT,
  type Stage,
  type Client,
  serve,
  get,
  post,
  waitUntil,
  soon,
  bodiesOf,
  echo,
} from '../../../test/support/http-server-stage.ts';

describe('bodies piece by piece', () => {
  test('hold the client back while nobody asks for the next', async () => {
    const total = 40_000_000;
    let ask: () => void = () => undefined;
    let size = 0;
    const stage = await serve(async (exchange) => {
      for await (const piece of exchange.bodyChunks(LIMIT)) {
        if (size === 0) {
          await new Promise<void>((resolve) => {
            ask = resolve;
          });
        }
        size += piece.byteLength;
      }
      exchange.answer(200, [], String(size));
    });
    const client = await stage.open();
    client.send(post(`Content-Length: ${total}`));
    client.socket.write(Buffer.alloc(total));
    let before = -1;
    while (client.socket.bytesWritten !== before || stage.exchanges.length === 0) {
      before = client.socket.bytesWritten;
      await new Promise((resolve) => {
        setTimeout(resolve, 200);
      });
    }
    expect(client.socket.writableLength).toBeGreaterThan(0);
    expect(size).toBe(0);
    // It is not the client that is slow.
    stage.pass(60_000);
    ask();
    await client.saw(`\r\n\r\n${total}`);
  });

  test.each([
    ['are refused before they begin', post('Content-Length: 101'), ''],
    ['are refused where they exceed it', post('Transfer-Encoding: chunked'), `c8\r\n${'x'.repeat(200)}\r\n`],
  ])('over the limit %s', async (_name, request, body) => {
    const stage = await serve(async (exchange) => {
      const pieces = exchange.bodyChunks(100)[Symbol.asyncIterator]();
      try {
        for (let next = await pieces.next(); next.done !== true; next = await pieces.next());
      } catch (error) {
        answerError(exchange, error as GatewayError, []);
      }
    });
    const client = await stage.open();
    client.send(request, body);
    await client.saw('"body_too_large"');
  });

  test.each([
    ['the chunk is none', (client: Client) => client.send('zz\r\n'), 'bad_request'],
    ['the client leaves', (client: Client) => client.socket.destroy(), 'bad_request'],
    ['nothing comes', (_client: Client, stage: Stage) => (stage.pass(200), stage.pass(11_000)), 'request_timeout'],
  ])('throw where %s', async (_name, spoil, code) => {
    const seen: unknown[] = [];
    const stage = await serve(async (exchange) => {
      try {
        for await (const piece of exchange.bodyChunks(LIMIT)) seen.push(Buffer.from(piece).toString());
      } catch (error) {
        seen.push((error as GatewayError).code);
      }
    });
    const client = await stage.open();
    client.send(post('Transfer-Encoding: chunked'), '2\r\nok\r\n');
    await waitUntil(() => seen.length === 1);
    spoil(client, stage);
    await waitUntil(() => seen.length === 2);
    expect(seen).toEqual(['ok', code]);
  });

  test('are read on while the client takes nothing of the answer', async () => {
    let size = 0;
    const stage = await serve(async (exchange) => {
      exchange.head(200, []);
      while (exchange.write('x'.repeat(50_000)));
      for await (const piece of exchange.bodyChunks(LIMIT)) size += piece.byteLength;
    });
    const client = await stage.open();
    client.socket.pause();
    client.send(post('Content-Length: 5000000'));
    await waitUntil(() => stage.exchanges.length === 1);
    client.send('x'.repeat(5_000_000));
    await waitUntil(() => size === 5_000_000);
  });

  test.each([
    ['of a length that is not read on', post('Content-Length: 5000000')],
    ['that is thrown away', post('Content-Length: 50000')],
    ['of unknown length', post('Transfer-Encoding: chunked')],
  ])('throw where the answer comes before the end of a body %s', async (_name, request) => {
    const heard = vi.fn();
    const stage = await serve(async (exchange) => {
      const pieces = exchange.bodyChunks(LIMIT)[Symbol.asyncIterator]();
      const next = pieces.next();
      exchange.answer(200, [], 'early');
      await next.catch((error: unknown) => heard((error as GatewayError).code));
    });
    const client = await stage.open();
    client.send(request);
    await client.saw('early');
    await waitUntil(() => heard.mock.calls.length === 1);
    expect(heard).toHaveBeenCalledWith('bad_request');
  });

  test('that nobody reads to the end leave the connection fit for the next request', async () => {
    const stage = await serve(async (exchange) => {
      const pieces = exchange.bodyChunks(LIMIT)[Symbol.asyncIterator]();
      await pieces.next();
      await pieces.return?.();
      exchange.answer(200, [], exchange.path);
    });
    const client = await stage.open();
    client.send(post('Content-Length: 100000'), 'x'.repeat(10));
    await client.saw('/p');
    client.send('x'.repeat(99_990), get('/next'));
    await client.saw('/next');
  });
});

describe('a body that is not read', () => {
  test.each([
    ['is small: the connection goes on', post('Content-Length: 100000'), 100_000, 'keep-alive'],
    ['is large: the connection ends', post('Content-Length: 3000000'), 3_000_000, 'close'],
    ['is of unknown length', post('Transfer-Encoding: chunked'), 0, 'close'],
    ['is not even sent yet', post('Content-Length: 2', 'Expect: 100-continue'), 0, 'close'],
  ])('%s', async (_name, request, size, connection) => {
    const stage = await serve((exchange) => exchange.answer(200, [], exchange.path));
    const client = await stage.open();
    client.send(request);
    await client.saw('/p');
    expect(client.text()).toContain(`connection: ${connection}\r\n`);
    if (size > 0) client.send('x'.repeat(size));
    client.send(get('/next'));
    if (connection === 'keep-alive') await client.saw('/next');
    else expect(bodiesOf(await client.closed())).toEqual(['/p']);
  });

  test('does not reset the connection while the client still sends', async () => {
    const stage = await serve((exchange) => exchange.answer(200, [], 'refused'));
    const client = await stage.open();
    const failed = vi.fn();
    client.socket.on('error', failed);
    client.send(post('Content-Length: 3000000'));
    for (let index = 0; index < 30; index += 1) {
      client.send('x'.repeat(100_000));
      await soon();
    }
    await client.closed();
    client.socket.end();
    await waitUntil(() => client.socket.destroyed);
    expect(failed).not.toHaveBeenCalled();
    expect(bodiesOf(client.text())).toEqual(['refused']);
  });

  test('is not waited for without end', async () => {
    const stage = await serve((exchange) => exchange.answer(200, [], 'ok'));
    const client = await stage.open();
    client.send(post('Content-Length: 100000'));
    await client.saw('\r\n\r\nok');
    stage.pass(200);
    stage.pass(11_000);
    await client.closed();
    expect(stage.exchanges).toHaveLength(1);
  });
});

describe('expectations', () => {
  test('100-continue is answered when the body is wanted, once', async () => {
    const stage = await serve(async (exchange) => {
      await soon();
      await echo(exchange);
    });
    const client = await stage.open();
    client.send(post('Content-Length: 4', 'Expect: 100-continue'));
    await client.saw('HTTP/1.1 100 Continue\r\n\r\n');
    client.send('body');
    await client.saw('\r\n\r\nbody');
    expect(client.text().match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 100', 'HTTP/1.1 200']);
  });

  test('a body that has come already needs none, nor one that is too large', async () => {
    const stage = await serve(async (exchange) => {
      try {
        await exchange.readBody(10);
        exchange.answer(200, [], 'ok');
      } catch (error) {
        answerError(exchange, error as GatewayError, []);
      }
    });
    for (const [length, body, status] of [
      [4, 'body', 200],
      [11, '', 413],
    ] as const) {
      const client = await stage.open();
      client.send(`${post(`Content-Length: ${length}`, 'Expect: 100-continue')}${body}`);
      await client.saw(`HTTP/1.1 ${status}`);
      expect(client.text()).not.toContain('100 Continue');
    }
  });
});
