import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { SimulatorOptions } from './options.ts';
import { startSimulator, type Simulator } from './simulator.ts';

/** Runs a simulator for the length of a test. */
async function withSimulator(options: SimulatorOptions, use: (simulator: Simulator) => Promise<void>): Promise<void> {
  const simulator = await startSimulator(options);
  try {
    await use(simulator);
  } finally {
    await simulator.close();
  }
}

const CHAT = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] };

async function post(simulator: Simulator, path: string, body: unknown): Promise<Response> {
  return fetch(simulator.url + path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
}

/** Sends bytes on one connection and gives back all that came until it ended or `enough` said so. */
async function raw(port: number, bytes: string, enough: (text: string) => boolean = () => false): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes);
  let text = '';
  await new Promise<void>((resolve) => {
    socket.on('data', (piece) => {
      text += piece.toString('latin1');
      if (enough(text)) resolve();
    });
    socket.on('close', () => resolve());
    socket.on('error', () => resolve());
  });
  socket.destroy();
  return text;
}

function rawRequest(body: unknown, path = '/v1/chat/completions'): string {
  const text = JSON.stringify(body);
  return `POST ${path} HTTP/1.1\r\nhost: h\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

describe('what stands on the wire', () => {
  test('a chat answer, to the byte', async () => {
    await withSimulator({ name: 'free', answerTokens: { kind: 'fixed', value: 4 } }, async (simulator) => {
      const answer = await raw(simulator.port, rawRequest(CHAT), (text) => text.endsWith('}}'));
      const id = '000000010000000000000001';
      const body =
        `{"id":"chatcmpl-${id}","object":"chat.completion","created":1767225600,"model":"m","system_fingerprint":"free",` +
        '"choices":[{"index":0,"message":{"role":"assistant","content":"Hello from free. This","refusal":null},"logprobs":null,' +
        '"finish_reason":"stop"}],"usage":{"prompt_tokens":8,"completion_tokens":4,"total_tokens":12}}';
      expect(answer).toBe(
        `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n` +
          `x-request-id: req_${id}\r\nx-simulated-upstream: free\r\n\r\n${body}`,
      );
    });
  });

  test('a stream ends with [DONE] and the last chunk, and leaves the connection usable', async () => {
    await withSimulator({}, async (simulator) => {
      const twice = rawRequest({ ...CHAT, stream: true }) + rawRequest({ ...CHAT, stream: true });
      const ends = (text: string): number => text.split('data: [DONE]\n\n\r\n0\r\n\r\n').length - 1;
      const answer = await raw(simulator.port, twice, (text) => ends(text) === 2);
      expect(answer.match(/HTTP\/1.1 200 OK/g)?.length).toBe(2);
      expect(simulator.stats()).toMatchObject({ requests: 2, connections: 1 });
    });
  });

  test('a thousand requests in one write are answered in order', async () => {
    await withSimulator({}, async (simulator) => {
      const ids = (text: string): string[] => text.match(/(?<=x-request-id: req_)\w+/g) ?? [];
      const answer = await raw(simulator.port, rawRequest(CHAT).repeat(1000), (text) => ids(text).length === 1000);
      expect(ids(answer).map((id) => Number.parseInt(id.slice(8), 16))).toEqual(
        Array.from({ length: 1000 }, (_, n) => n + 1),
      );
    });
  });

  test.each([
    ['connection: close', 'GET /v1/models HTTP/1.1\r\nconnection: close\r\n\r\n', /^HTTP\/1.1 200 OK/],
    ['no HTTP', 'hello\r\n\r\n', /^HTTP\/1.1 400 Error\r\nconnection: close/],
    [
      '100-continue',
      'POST /x HTTP/1.1\r\nexpect: 100-continue\r\nconnection: close\r\ncontent-length: 1\r\n\r\nx',
      /^HTTP\/1.1 (100 Continue\r\n\r\nHTTP\/1.1 )?404/,
    ],
  ])('%s', async (_name, bytes, expected) => {
    await withSimulator({}, async (simulator) => {
      expect(await raw(simulator.port, bytes)).toMatch(expected);
    });
  });
});

describe('refusals', () => {
  const cases: [name: string, path: string, body: unknown, status: number, error: Record<string, unknown>][] = [
    ['no JSON', '/v1/chat/completions', 'nonsense', 400, { type: 'invalid_request_error', param: null }],
    ['no object', '/v1/chat/completions', [1], 400, { param: null }],
    ['no model', '/v1/chat/completions', { messages: [] }, 400, { param: 'model' }],
    ['no messages', '/v1/chat/completions', { model: 'm' }, 400, { param: 'messages' }],
    ['no prompt', '/completions', { model: 'm' }, 400, { param: 'prompt' }],
    ['no input', '/embeddings', { model: 'm' }, 400, { param: 'input' }],
    ['too many inputs', '/embeddings', { model: 'm', input: Array(2049).fill('x') }, 400, { param: 'input' }],
    ['an unknown path', '/v1/other', {}, 404, { code: 'unknown_url' }],
    ['a doubled prefix', '/v1/v1/chat/completions', CHAT, 404, { code: 'unknown_url' }],
  ];
  test.each(cases)('%s', async (_name, path, body, status, error) => {
    await withSimulator({}, async (simulator) => {
      const answer = await post(simulator, path, body);
      expect(answer.status).toBe(status);
      expect(await answer.json()).toMatchObject({ error });
    });
  });
});

describe('settings', () => {
  test('shares of errors, with retry-after', async () => {
    await withSimulator({ errors: new Map([[429, 0.5]]), retryAfterSeconds: 7 }, async (simulator) => {
      const answers = await Promise.all(
        Array.from({ length: 40 }, async () => post(simulator, '/v1/chat/completions', CHAT)),
      );
      const refused = answers.filter((answer) => answer.status === 429);
      expect(refused.length).toBeGreaterThan(8);
      expect(refused.length).toBeLessThan(32);
      expect(refused[0]?.headers.get('retry-after')).toBe('7');
      expect(await refused[0]?.json()).toMatchObject({ error: { type: 'requests', code: 'rate_limit_exceeded' } });
      expect(simulator.stats().byStatus.get(429)).toBe(refused.length);
    });
  });

  test('cut streams end the connection before [DONE]; answers that are no streams stay whole', async () => {
    await withSimulator({ cutStreams: 1 }, async (simulator) => {
      const cut = await raw(simulator.port, rawRequest({ ...CHAT, stream: true }));
      expect(cut).toMatch(/^HTTP\/1.1 200 OK[^]*data: \{/);
      expect(cut).not.toContain('[DONE]');
      expect(cut.endsWith('0\r\n\r\n')).toBe(false);
      expect((await post(simulator, '/v1/chat/completions', CHAT)).status).toBe(200);
      expect(simulator.stats()).toMatchObject({ cutStreams: 1 });
    });
  });

  test('the same seed gives the same bytes', async () => {
    const options: SimulatorOptions = {
      seed: 5,
      answerTokens: { kind: 'lognormal', median: 20, sigma: 0.7 },
      errors: new Map([[500, 0.2]]),
    };
    const session = async (): Promise<string[]> => {
      const said: string[] = [];
      await withSimulator(options, async (simulator) => {
        for (let call = 0; call < 12; call += 1) {
          const answer = await post(simulator, '/chat/completions', { ...CHAT, stream: call % 2 === 0 });
          said.push(`${answer.status} ${await answer.text()}`);
        }
      });
      return said;
    };
    const first = await session();
    expect(await session()).toEqual(first);
    expect(new Set(first.map((text) => text.length)).size).toBeGreaterThan(6);
  });

  test('usage off', async () => {
    await withSimulator({ usage: false }, async (simulator) => {
      const options = { stream: true, stream_options: { include_usage: true } };
      expect(await (await post(simulator, '/v1/chat/completions', CHAT)).json()).not.toHaveProperty('usage');
      expect(await (await post(simulator, '/v1/chat/completions', { ...CHAT, ...options })).text()).not.toContain(
        'usage',
      );
    });
  });

  test('a paced stream comes in pieces, and a client that leaves ends it', async () => {
    await withSimulator(
      { tokensPerSecond: 200, timeToFirstTokenMs: { kind: 'fixed', value: 2 } },
      async (simulator) => {
        const answer = await post(simulator, '/v1/chat/completions', { ...CHAT, stream: true });
        const reader = answer.body?.getReader();
        const first = Buffer.from((await reader?.read())?.value ?? []).toString();
        expect(first).toContain('"role":"assistant"');
        expect(first).not.toContain('[DONE]');
        await reader?.cancel();
        await expect.poll(() => simulator.stats().abandoned).toBe(1);
      },
    );
  });

  test('a paced stream comes whole', async () => {
    await withSimulator({ tokensPerSecond: 1500 }, async (simulator) => {
      const answer = await post(simulator, '/v1/chat/completions', { ...CHAT, stream: true });
      const said = (await answer.text()).match(/(?<="content":")[^"]*/g)?.join('');
      expect(said).toMatch(/^Hello from simulator\. This is/);
    });
  });

  test('slow reading still reads everything', async () => {
    await withSimulator({ readBytesPerSecond: 2_000_000 }, async (simulator) => {
      const long = { ...CHAT, messages: [{ role: 'user', content: 'x'.repeat(100_000) }] };
      expect((await post(simulator, '/v1/chat/completions', long)).status).toBe(200);
      expect(simulator.stats().bytesReceived).toBeGreaterThan(100_000);
    });
  });

  test('a taken port is an error of the start', async () => {
    await withSimulator({}, async (simulator) => {
      await expect(startSimulator({ port: simulator.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    });
  });
});
