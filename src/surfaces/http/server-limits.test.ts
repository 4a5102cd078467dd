import { describe, expect, test, vi } from 'vitest';

import {
  type Handler,
  type Client,
  serve,
  get,
  post,
  waitUntil,
  soon,
  bodiesOf,
  echo,
} from '../../../test/support/http-server-stage.ts';

describe('a client that takes nothing', () => {
  test('holds the writer back, which goes on when it reads again', async () => {
    const piece = 'x'.repeat(50_000);
    let written = 0;
    let whole = false;
    const stage = await serve((exchange) => {
      const pump = (): void => {
        while (written < 1_000) {
          written += 1;
          if (!exchange.write(piece)) return;
        }
        if (whole) return;
        whole = true;
        exchange.end();
      };
      exchange.head(200, []);
      exchange.onDrain(pump);
      pump();
    });
    const client = await stage.open();
    client.socket.pause();
    client.send(get('/', 'Connection: close'));
    await waitUntil(() => written > 0);
    let before = -1;
    while (written !== before) {
      before = written;
      await new Promise((resolve) => {
        setTimeout(resolve, 200);
      });
    }
    // What the buffers of two kernels take, and little of ours.
    expect(before).toBeLessThan(500);
    client.socket.resume();
    expect((await client.closed()).length).toBeGreaterThan(50_000_000);
    expect(written).toBe(1_000);
  });

  test('loses its connection after a minute', async () => {
    const onAbort = vi.fn();
    const stage = await serve((exchange) => {
      exchange.onAbort(onAbort);
      exchange.head(200, []);
      while (exchange.write('x'.repeat(50_000)));
    });
    const client = await stage.open();
    client.socket.pause();
    client.send(get('/'));
    await waitUntil(() => stage.exchanges.length === 1);
    await soon();
    stage.pass(59_000);
    await soon();
    expect(onAbort).not.toHaveBeenCalled();
    stage.pass(2_000);
    await waitUntil(() => onAbort.mock.calls.length === 1);
    expect(stage.exchanges[0]?.aborted).toBe(true);
  });
});

describe('time', () => {
  test.each([
    ['nothing', ''],
    ['half a head', 'GET / HTTP/1.1\r\nHost'],
    ['an empty line', '\r\n'],
  ])('for a head is over: %s', async (_name, text) => {
    const stage = await serve(echo);
    const client = await stage.open();
    client.send(text);
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
    stage.pass(9_000);
    await soon();
    expect(client.text()).toBe('');
    stage.pass(2_000);
    expect(await client.closed()).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\nx-stray: yes\r\n.*"request_timeout"/s);
  });

  test('for a head that comes byte by byte is over, however often a byte comes', async () => {
    const stage = await serve(echo);
    const client = await stage.open();
    for (const byte of 'GET / HTTP/1.1\r\n') {
      client.send(byte);
      await soon();
      stage.pass(1_000);
    }
    expect(await client.closed()).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('for an idle connection is longer, and ends without a word', async () => {
    const stage = await serve(echo);
    const client = await stage.open();
    client.send(get('/one'), '\r\n');
    await client.saw('/one');
    stage.pass(70_000);
    client.send(get('/two'));
    await client.saw('/two');
    stage.pass(76_000);
    expect(bodiesOf(await client.closed())).toEqual(['/one', '/two']);
  });

  test.each([
    ['of a length', post('Content-Length: 5000'), 'x'],
    ['in chunks', post('Transfer-Encoding: chunked'), '1\r\nx\r\n'],
  ])('for a body that comes too slowly is over (%s)', async (_name, request, piece) => {
    const stage = await serve(echo);
    const client = await stage.open();
    client.send(request, piece);
    await waitUntil(() => stage.exchanges.length === 1);
    stage.pass(200);
    for (let index = 0; index < 3 && client.text() === ''; index += 1) {
      client.send(piece.repeat(100));
      await soon();
      stage.pass(4_000);
    }
    expect(await client.closed()).toMatch(/^HTTP\/1\.1 408 .*connection: close\r\n.*"request_timeout"/s);
  });

  test('for a body that makes progress is as long as it takes', async () => {
    const stage = await serve(echo);
    const client = await stage.open();
    client.send(post('Content-Length: 20001'));
    await waitUntil(() => stage.exchanges.length === 1);
    for (let index = 1; index <= 20; index += 1) {
      client.send('x'.repeat(1_000));
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
      stage.pass(4_000);
    }
    client.send('y');
    await client.saw('xy');
    expect(client.text()).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('does not run while nobody wants the body', async () => {
    let read: () => void = () => undefined;
    const stage = await serve(async (exchange) => {
      await new Promise<void>((resolve) => {
        read = resolve;
      });
      await echo(exchange);
    });
    const client = await stage.open();
    client.send(post('Content-Length: 2'), 'o');
    await waitUntil(() => stage.exchanges.length === 1);
    stage.pass(30_000);
    read();
    await soon();
    client.send('k');
    await client.saw('\r\n\r\nok');
  });
});

describe('a client that leaves', () => {
  const silent: Handler = () => undefined;
  const streaming: Handler = (exchange) => {
    exchange.head(200, []);
    exchange.write('one');
  };
  const ways: readonly [string, (client: Client) => void][] = [
    ['closes', (client) => void client.socket.destroy()],
    ['resets', (client) => void client.socket.resetAndDestroy()],
    // Nothing tells a client that has closed its direction from one that has left.
    ['closes its direction', (client) => void client.socket.end()],
  ];
  test.each(
    ways.flatMap(([name, leave]) => [
      [`${name} while an answer is awaited`, silent, get('/'), leave] as const,
      [`${name} in the middle of an answer`, streaming, get('/'), leave] as const,
      [`${name} in the middle of its body`, silent, post('Content-Length: 5'), leave] as const,
      [`${name} behind a request that waits`, silent, get('/') + get('/next'), leave] as const,
    ]),
  )('%s', async (_name, handler, request, leave) => {
    const onAbort = vi.fn();
    const stage = await serve((exchange) => {
      exchange.onAbort(onAbort);
      return handler(exchange);
    });
    const client = await stage.open();
    client.send(request);
    await waitUntil(() => stage.exchanges.length === 1);
    leave(client);
    await waitUntil(() => onAbort.mock.calls.length === 1);
    const [exchange] = stage.exchanges;
    expect(exchange?.aborted).toBe(true);
    exchange?.answer(200, [], 'x');
    expect(exchange?.write('x')).toBe(true);
    exchange?.end();
    const late = vi.fn();
    exchange?.onAbort(late);
    expect(late).toHaveBeenCalledOnce();
    await soon();
    expect(onAbort).toHaveBeenCalledOnce();
    expect(stage.exchanges).toHaveLength(1);
  });

  test('only in its own direction still gets what was answered at once', async () => {
    const stage = await serve((exchange) => exchange.answer(200, [], exchange.path));
    const client = await stage.open();
    client.socket.end(get('/1') + get('/2'));
    expect(bodiesOf(await client.closed())).toEqual(['/1', '/2']);
  });
});

describe('a stop', () => {
  test('closes what is idle, lets the rest end, and then resolves', async () => {
    let answer: () => void = () => undefined;
    const stage = await serve((exchange) => {
      if (exchange.path !== '/slow') exchange.answer(200, [], exchange.path);
      else answer = () => exchange.answer(200, [], 'slow');
    });
    const [fresh, idle, busy, streaming] = await Promise.all([stage.open(), stage.open(), stage.open(), stage.open()]);
    idle.send(get('/idle'));
    await idle.saw('/idle');
    busy.send(get('/slow'), get('/next'));
    streaming.send('GET /half HTTP/1.1\r\n');
    await waitUntil(() => stage.exchanges.length === 2);
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
    const stopped = stage.server.close(10_000);
    await Promise.all([fresh.closed(), idle.closed()]);
    for (const client of [fresh, idle]) client.socket.end();
    answer();
    expect(bodiesOf(await busy.closed())).toEqual(['slow']);
    expect(busy.text()).toContain('connection: close');
    busy.socket.end();
    streaming.send('Host: a\r\n\r\n');
    expect(bodiesOf(await streaming.closed())).toEqual(['/half']);
    streaming.socket.end();
    await stopped;
  });

  test('cuts off what does not end', async () => {
    const onAbort = vi.fn();
    const stage = await serve((exchange) => exchange.onAbort(onAbort));
    const client = await stage.open();
    client.send(get('/'));
    await waitUntil(() => stage.exchanges.length === 1);
    await stage.server.close(10);
    expect(onAbort).toHaveBeenCalledOnce();
    expect(await client.closed()).toBe('');
  });
});
