import { describe, expect, test } from 'vitest';

import {
  type Handler,
  serve,
  head,
  get,
  post,
  waitUntil,
  soon,
  bodiesOf,
  echo,
} from '../../../test/support/http-server-stage.ts';

describe('requests on one connection', () => {
  const paths = Array.from({ length: 3_000 }, (_, index) => `/${index}`);

  test.each<[string, Handler]>([
    ['at once', (exchange) => exchange.answer(200, [], exchange.path)],
    ['a moment later', echo],
    [
      'some at once, some later',
      async (exchange) => {
        if (exchange.path.endsWith('7')) await soon();
        exchange.answer(200, [], exchange.path);
      },
    ],
  ])('are answered in their order, thousands sent in one go, %s', async (_name, handler) => {
    const stage = await serve(handler);
    const client = await stage.open();
    client.send(paths.map((path) => get(path)).join('') + get('/last', 'Connection: close'));
    expect(bodiesOf(await client.closed())).toEqual([...paths, '/last']);
  });

  test('are answered one by one, thousands on one connection, with bodies of both kinds', async () => {
    const stage = await serve(echo);
    const client = await stage.open();
    for (let index = 0; index < 2_000; index += 1) {
      const body = `body ${index}.`;
      const size = body.length.toString(16);
      if (index % 2 === 0) client.send(post(`Content-Length: ${body.length}`), body);
      else client.send(`${post('Transfer-Encoding: chunked')}${size}\r\n${body}\r\n0\r\n\r\n`);
      if (index % 100 === 0) await client.saw(body);
    }
    await client.saw('body 1999.');
    expect(stage.exchanges).toHaveLength(2_000);
    expect(bodiesOf(client.text())).toEqual(stage.exchanges.map((_, index) => `body ${index}.`));
  });

  test('wait for their turn without being held in memory', async () => {
    const stage = await serve(() => undefined);
    const client = await stage.open();
    client.send(get('/first'));
    await waitUntil(() => stage.exchanges.length === 1);
    const flood = get('/next', `X: ${'x'.repeat(4_000)}`).repeat(250);
    for (let index = 0; index < 40; index += 1) client.send(flood);
    let before = -1;
    while (client.socket.writableLength !== before) {
      before = client.socket.writableLength;
      await new Promise((resolve) => {
        setTimeout(resolve, 200);
      });
    }
    expect(before).toBeGreaterThan(20_000_000);
    expect(stage.exchanges).toHaveLength(1);
  });

  test.each([
    ['HTTP/1.1', get('/'), 'keep-alive'],
    ['HTTP/1.1 that wants to close', get('/', 'Connection: close'), 'close'],
    ['HTTP/1.0', head('GET / HTTP/1.0'), 'close'],
    ['HTTP/1.0 that wants to stay', head('GET / HTTP/1.0', 'Connection: keep-alive'), 'keep-alive'],
  ])('%s', async (_name, request, connection) => {
    const stage = await serve((exchange) => exchange.answer(200, ['x-a', 'b'], 'ok'));
    const client = await stage.open();
    client.send(request);
    await client.saw('\r\n\r\nok');
    expect(client.text()).toMatch(/^HTTP\/1\.1 200 OK\r\nx-a: b\r\ndate: \w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT\r\n/);
    expect(client.text()).toContain(`\r\nconnection: ${connection}\r\n`);
    if (connection === 'close') await client.closed();
    else client.send(request);
    await waitUntil(() => stage.exchanges.length === (connection === 'close' ? 1 : 2));
  });
});

describe('answers', () => {
  const streamed: Handler = async (exchange) => {
    exchange.head(200, ['x-a', 'b']);
    exchange.write('one');
    exchange.write('');
    await soon();
    exchange.write(new Uint8Array([0xff, 0x0a]));
    exchange.write('x'.repeat(40_000));
    exchange.end();
  };
  const chunks = `3\r\none\r\n2\r\n\xff\n\r\n9c40\r\n${'x'.repeat(40_000)}\r\n0\r\n\r\n`;

  test.each([
    ['in chunks', get('/'), (text: string) => text.endsWith(`transfer-encoding: chunked\r\n\r\n${chunks}`)],
    [
      'to HTTP/1.0, until the connection ends',
      head('GET / HTTP/1.0', 'Connection: keep-alive'),
      (text: string) => text.endsWith(`connection: close\r\n\r\none\xff\n${'x'.repeat(40_000)}`),
    ],
  ])('are written in pieces: %s', async (_name, request, isRight) => {
    const stage = await serve(streamed);
    const client = await stage.open();
    client.send(request);
    await waitUntil(() => isRight(client.text()));
  });

  test('in pieces of a length that the head says', async () => {
    const stage = await serve(async (exchange) => {
      exchange.head(200, ['content-length', '6']);
      exchange.write('one');
      await soon();
      exchange.write('two');
      exchange.end();
    });
    const client = await stage.open();
    client.send(get('/'), get('/'));
    await waitUntil(() => client.text().split('onetwo').length === 3);
    expect(bodiesOf(client.text())).toEqual(['onetwo', 'onetwo']);
  });

  test.each<[string, Handler, string]>([
    ['shorter than the head says', (exchange) => (exchange.write('four!'), exchange.end()), 'four!'],
    ['longer than the head says', (exchange) => (exchange.write('four!'), void exchange.write('more')), 'four!'],
    ['that break off', (exchange) => (exchange.write('four!'), exchange.destroy(), exchange.end()), 'four!'],
  ])('%s end the connection', async (_name, rest, body) => {
    const stage = await serve((exchange) => {
      exchange.head(200, ['content-length', '6']);
      return rest(exchange);
    });
    const client = await stage.open();
    client.send(get('/'), get('/'));
    expect(bodiesOf(await client.closed())).toEqual([body]);
    expect(stage.exchanges).toHaveLength(1);
  });

  test('of a stream that breaks off have no last chunk', async () => {
    const stage = await serve((exchange) => {
      exchange.head(200, []);
      exchange.write('one');
      exchange.destroy();
    });
    const client = await stage.open();
    client.send(get('/'));
    expect(await client.closed()).toMatch(/\r\n\r\n3\r\none\r\n$/);
  });

  test.each<[string, Handler]>([
    ['whole', (exchange) => exchange.answer(200, [], 'body')],
    ['in pieces', (exchange) => (exchange.head(200, []), exchange.write('body'), exchange.end())],
    [
      'of a length',
      (exchange) => (exchange.head(200, ['content-length', '4']), exchange.write('body'), exchange.end()),
    ],
  ])('to HEAD have no body (%s)', async (_name, handler) => {
    const stage = await serve(handler);
    const client = await stage.open();
    client.send(head('HEAD / HTTP/1.1', 'Host: a').repeat(2));
    await waitUntil(() => client.text().split('\r\n\r\n').length === 3);
    expect(client.text()).not.toContain('body');
    expect(client.text().endsWith('\r\n\r\n')).toBe(true);
  });

  test('of status 204 have neither body nor length', async () => {
    const stage = await serve((exchange) => exchange.answer(204, [], ''));
    const client = await stage.open();
    client.send(get('/').repeat(2));
    await waitUntil(() => client.text().split('\r\n\r\n').length === 3);
    expect(client.text()).not.toContain('content-length');
  });

  test.each([
    ['a line break', ['x-a', 'b\r\nx-evil: 1']],
    ['a character that latin1 makes a line break', ['x-a', 'b\u010ax-evil: 1']],
    ['a name with a colon', ['x-a: b', 'c']],
    ['no name', ['', 'c']],
  ])('are not written with %s in a header', async (_name, headers) => {
    const stage = await serve((exchange) => {
      expect(() => exchange.answer(200, headers, 'x')).toThrow(/cannot be sent/);
      expect(() => exchange.head(200, headers)).toThrow(/cannot be sent/);
      exchange.answer(500, [], 'mended');
    });
    const client = await stage.open();
    client.send(get('/'));
    await client.saw('mended');
    expect(client.text()).toMatch(/^HTTP\/1\.1 500 Internal Server Error\r\n/);
    expect(client.text()).not.toContain('evil');
  });

  test('of many megabytes come whole to a client that reads slowly, and the next one behind', async () => {
    const body = Buffer.alloc(20_000_000, 'abcdefghijk');
    const stage = await serve((exchange) => exchange.answer(200, [], exchange.path === '/large' ? body : 'small'));
    const client = await stage.open();
    client.socket.pause();
    client.send(get('/large'), get('/small', 'Connection: close'));
    await waitUntil(() => stage.exchanges.length === 1);
    client.socket.resume();
    const [large, small] = bodiesOf(await client.closed());
    expect(large === body.toString('latin1')).toBe(true);
    expect(small).toBe('small');
  });
});

describe('what is no request', () => {
  test.each([
    ['malformed', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['too large', get('/', `X: ${'x'.repeat(17_000)}`), 431],
    ['CONNECT', head('CONNECT a:443 HTTP/1.1', 'Host: a'), 405],
    ['an expectation', get('/', 'Expect: miracles'), 417],
    ['a chunk beside its head', `${post('Transfer-Encoding: chunked')}zz\r\n`, 400],
  ])('is answered and the connection ends: %s', async (_name, text, status) => {
    const stage = await serve(echo);
    const client = await stage.open();
    client.send(`${text}${get('/evil')}`);
    const answer = await client.closed();
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [A-Z][^\\r]+\\r\\nx-stray: yes\\r\\n`));
    expect(answer.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
    expect(answer).toContain('connection: close\r\n');
    expect(stage.exchanges).toEqual([]);
  });

  test('ends what has been answered before it in its order', async () => {
    const stage = await serve(echo);
    const client = await stage.open();
    client.send(`${get('/1')}${get('/2')}nonsense\r\n\r\n${get('/3')}`);
    const text = await client.closed();
    expect(text.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 400']);
  });

  test('in the middle of a body is answered by whoever waits for it', async () => {
    const stage = await serve(echo);
    const client = await stage.open();
    client.send(post('Transfer-Encoding: chunked'));
    await waitUntil(() => stage.exchanges.length === 1);
    client.send('zz\r\n', get('/evil'));
    expect(await client.closed()).toMatch(/^HTTP\/1\.1 400 .*connection: close\r\n.*a chunk/s);
    expect(stage.exchanges).toHaveLength(1);
  });
});
