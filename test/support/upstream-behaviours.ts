import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { RecordedRequest } from './fake-upstream.ts';

/** What a behaviour plays on. */
export interface Stage {
  readonly request: RecordedRequest;
  readonly response: ServerResponse;
  /** The connection itself, for answers that no HTTP server would give. */
  readonly socket: Socket;
}

/** How one request is answered. */
export interface Behaviour {
  play(stage: Stage): Promise<void> | void;
}

/** Status and headers of an answer. Headers are a plain object or raw pairs (name, value, name, value: repeats allowed). */
export interface AnswerHead {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>> | readonly string[];
}

/** Answers JSON with content-length. */
export function answerJson(body: unknown, head: AnswerHead = {}): Behaviour {
  return answerBytes(JSON.stringify(body), { ...head, headers: withType(head, 'application/json') });
}

/** Answers these bytes with content-length, whatever they are: invalid JSON, HTML, nothing. */
export function answerBytes(bytes: Uint8Array | string, head: AnswerHead = {}): Behaviour {
  const whole = Buffer.from(bytes);
  return {
    play: ({ response }) => {
      writeHead(response, head, ['content-length', String(whole.byteLength)]);
      response.end(whole);
    },
  };
}

/** Answers JSON compressed with gzip, asked for or not. */
export function answerGzip(body: unknown, head: AnswerHead = {}): Behaviour {
  const headers = [...withType(head, 'application/json'), 'content-encoding', 'gzip'];
  return answerBytes(gzipSync(JSON.stringify(body)), { ...head, headers });
}

/** Answers what came: `{method, path, headers, body}`, the body as text. */
export function answerEcho(head: AnswerHead = {}): Behaviour {
  return {
    play: (stage) => {
      const { method, path, rawHeaders, body } = stage.request;
      return answerJson({ method, path, headers: rawHeaders, body: body.toString('utf8') }, head).play(stage);
    },
  };
}

export interface ChunkOptions extends AnswerHead {
  /** Milliseconds before the head goes out. */
  readonly headDelayMs?: number;
  /** Milliseconds before each chunk. */
  readonly delayMs?: number;
  /** After the last chunk: end well, end the connection without the closing chunk, reset it, or leave it open. */
  readonly ending?: 'end' | 'cut' | 'reset' | 'hang';
}

/** Answers `text/event-stream`, one HTTP chunk for each piece given, byte for byte. */
export function answerChunks(chunks: readonly (Uint8Array | string)[], options: ChunkOptions = {}): Behaviour {
  return {
    play: async ({ response, socket }) => {
      if (options.headDelayMs !== undefined) await delay(options.headDelayMs);
      writeHead(response, { ...options, headers: withType(options, 'text/event-stream') });
      response.flushHeaders();
      for (const chunk of chunks) {
        if (options.delayMs !== undefined) await delay(options.delayMs);
        if (!(await put(response, chunk))) return;
      }
      finish({ response, socket }, options.ending ?? 'end');
    },
  };
}

/** Answers server-sent events: each value becomes `data: <JSON>\n\n` (a text goes as it is); `[DONE]` follows unless `done` is false. */
export function answerEvents(
  events: readonly unknown[],
  options: ChunkOptions & { readonly done?: boolean } = {},
): Behaviour {
  const texts = events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`);
  return answerChunks(options.done === false ? texts : [...texts, 'data: [DONE]\n\n'], options);
}

/** A stream that the test drives by hand. */
export interface ManualStream extends Behaviour {
  /** Resolves once the head has gone out. */
  readonly opened: Promise<void>;
  /** Sends a piece as one chunk. Resolves false where the client has left. */
  send(chunk: Uint8Array | string): Promise<boolean>;
  end(ending?: NonNullable<ChunkOptions['ending']>): void;
}

/** A stream driven by the test, for one request. */
export function manualStream(head: AnswerHead = {}): ManualStream {
  const opened = Promise.withResolvers<void>();
  const stage = Promise.withResolvers<Pick<Stage, 'response' | 'socket'>>();
  return {
    opened: opened.promise,
    play: ({ response, socket }) => {
      writeHead(response, { ...head, headers: withType(head, 'text/event-stream') });
      response.flushHeaders();
      stage.resolve({ response, socket });
      opened.resolve();
    },
    send: async (chunk) => put((await stage.promise).response, chunk),
    end: (ending = 'end') => {
      void stage.promise.then((there) => finish(there, ending));
    },
  };
}

/** Declares the whole body's length, sends its first `count` bytes and breaks the connection. */
export function breakAfter(count: number, body: Uint8Array | string, head: AnswerHead = {}): Behaviour {
  const whole = Buffer.from(body);
  return {
    play: ({ response, socket }) => {
      writeHead(response, head, ['content-length', String(whole.byteLength)]);
      response.flushHeaders();
      if (count === 0) socket.destroySoon();
      else response.write(whole.subarray(0, count), () => socket.destroySoon());
    },
  };
}

/** Declares another length than it sends. A larger one: the connection ends after the bytes; a smaller one: bytes are left over. */
export function wrongLength(declared: number, body: Uint8Array | string): Behaviour {
  const bytes = Buffer.from(body);
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${declared}\r\n\r\n`;
  return answerRaw(Buffer.concat([Buffer.from(head, 'latin1'), bytes]));
}

/** Writes these bytes on the connection, past any HTTP, and ends it. */
export function answerRaw(bytes: Uint8Array | string): Behaviour {
  return {
    play: ({ socket }) => {
      socket.end(Buffer.from(bytes));
    },
  };
}

/** Resets the connection (RST) without an answer. */
export function resetConnection(): Behaviour {
  return { play: ({ socket }) => void socket.resetAndDestroy() };
}

/** Ends the connection properly, without an answer. */
export function hangUp(): Behaviour {
  return { play: ({ socket }) => void socket.end() };
}

/** Never answers; the connection stays open. */
export function neverAnswer(): Behaviour {
  return { play: () => undefined };
}

/** Answers with content-length, `pieceBytes` at a time, `everyMs` milliseconds apart. */
export function drip(
  body: Uint8Array | string,
  pace: AnswerHead & { readonly pieceBytes: number; readonly everyMs: number },
): Behaviour {
  const whole = Buffer.from(body);
  return {
    play: async ({ response }) => {
      writeHead(response, pace, ['content-length', String(whole.byteLength)]);
      response.flushHeaders();
      for (let at = 0; at < whole.byteLength; at += pace.pieceBytes) {
        await delay(pace.everyMs);
        if (!(await put(response, whole.subarray(at, at + pace.pieceBytes)))) return;
      }
      response.end();
    },
  };
}

/** Streams `chunk` `times` times, as fast as the reader takes it. */
export function flood(chunk: Uint8Array | string, times: number, head: AnswerHead = {}): Behaviour {
  return {
    play: async ({ response }) => {
      writeHead(response, { ...head, headers: withType(head, 'text/event-stream') });
      for (let sent = 0; sent < times; sent += 1) if (!(await put(response, chunk))) return;
      response.end();
    },
  };
}

/** Answers as a chat model would: JSON, or events where the body says `"stream": true`; `content` is what it says. */
export function chatBehaviour(content = 'Hello from the fake upstream.'): Behaviour {
  return {
    play: (stage) => {
      const body = bodyOf(stage.request);
      const model = typeof body['model'] === 'string' ? body['model'] : 'fake-model';
      const answer =
        body['stream'] === true ? answerEvents(chatEvents(content, model)) : answerJson(chatAnswer(content, model));
      return answer.play(stage);
    },
  };
}

/** A whole chat completion, with usage. */
export function chatAnswer(content: string, model = 'fake-model'): Record<string, unknown> {
  return {
    id: 'chatcmpl-fake',
    object: 'chat.completion',
    created: 1_700_000_000,
    model,
    choices: [{ index: 0, message: { role: 'assistant', content }, logprobs: null, finish_reason: 'stop' }],
    usage: { prompt_tokens: 9, completion_tokens: 7, total_tokens: 16 },
  };
}

/** The events of a streamed chat completion: a role, one event for each word, a finish. */
export function chatEvents(content: string, model = 'fake-model'): Record<string, unknown>[] {
  const event = (delta: Record<string, unknown>, finish: string | null): Record<string, unknown> => ({
    id: 'chatcmpl-fake',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model,
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const words = content.split(/(?<= )/).map((word) => event({ content: word }, null));
  return [event({ role: 'assistant', content: '' }, null), ...words, event({}, 'stop')];
}

function bodyOf(request: RecordedRequest): Record<string, unknown> {
  try {
    return request.json();
  } catch {
    return {};
  }
}

function rawPairs(headers: AnswerHead['headers']): readonly string[] {
  if (headers === undefined) return [];
  return isPairs(headers) ? headers : Object.entries(headers).flat();
}

function isPairs(headers: NonNullable<AnswerHead['headers']>): headers is readonly string[] {
  return Array.isArray(headers);
}

/** The head's pairs, with a content type where they bring none. */
function withType(head: AnswerHead, type: string): readonly string[] {
  const pairs = rawPairs(head.headers);
  const typed = pairs.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'content-type');
  return typed ? pairs : ['content-type', type, ...pairs];
}

function writeHead(response: ServerResponse, head: AnswerHead, more: readonly string[] = []): void {
  response.writeHead(head.status ?? 200, [...rawPairs(head.headers), ...more]);
}

/**
 * Writes a piece and waits until the kernel has it: pieces stay chunks of their own (Node joins those of one turn), and a
 * reader that holds back holds the behaviour. False where the client has left.
 */
async function put(response: ServerResponse, chunk: Uint8Array | string): Promise<boolean> {
  if (response.destroyed) return false;
  return new Promise((resolve) => {
    const left = (): void => resolve(false);
    response.once('close', left);
    response.write(chunk, (error) => {
      response.removeListener('close', left);
      resolve(error === null || error === undefined);
    });
  });
}

function finish(stage: Pick<Stage, 'response' | 'socket'>, ending: NonNullable<ChunkOptions['ending']>): void {
  if (ending === 'end') stage.response.end();
  else if (ending === 'cut') stage.socket.destroySoon();
  else if (ending === 'reset') stage.socket.resetAndDestroy();
}
