import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { chatBehaviour, type Behaviour } from './upstream-behaviours.ts';

export * from './upstream-behaviours.ts';

/** One request as it arrived. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query, as received. */
  readonly path: string;
  /** Header pairs as received, names in the case that came: name, value, name, value. */
  readonly rawHeaders: readonly string[];
  /** The value of a header (name in lower case); repeated headers joined with `, `. */
  header(name: string): string | undefined;
  readonly body: Buffer;
  /** The body through JSON.parse. Throws when it is no JSON. */
  json(): Record<string, unknown>;
  /** Number of the connection it came on, from 1: equal numbers mean that a connection was used again. */
  readonly connection: number;
  /** Resolves when the exchange is over: true where the answer was sent whole, false where the connection went first. */
  readonly finished: Promise<boolean>;
}

/** Chooses what a request gets. */
export type Handler = (request: RecordedRequest) => Behaviour | Promise<Behaviour>;

/** A scripted upstream that counts. Everything counted starts again at `reset`. */
export interface FakeUpstream {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Requests whose body came whole, in order of completion. */
  readonly requests: readonly RecordedRequest[];
  /** Requests whose head came, whole or not. */
  readonly started: number;
  /** Connections opened. */
  readonly connections: number;
  /** Connections open now. */
  readonly openConnections: number;
  /** Bytes that came in on closed and open connections, framing included. */
  readonly bytesReceived: number;
  /** Bytes handed to the kernel on closed and open connections, framing included. Grows no further while the reader holds back. */
  readonly bytesSent: number;
  /** From now on every request gets this. Clears what `respondOnce` queued. */
  respondWith(behaviour: Behaviour | Handler): void;
  /** The next request gets this; several queue up. */
  respondOnce(behaviour: Behaviour): void;
  /** Forgets what was counted and scripted: back to the handler it was started with. */
  reset(): void;
  /** Resolves with request number `count` (from 1) once it has come. */
  request(count: number): Promise<RecordedRequest>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface FakeUpstreamOptions {
  /** PEM texts: serve HTTPS. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** 0: any free port. */
  readonly port?: number;
}

/** Starts a fake upstream on loopback. Without a handler it answers every request as a chat model would. */
export async function startFakeUpstream(
  handler: Handler = () => chatBehaviour(),
  options: FakeUpstreamOptions = {},
): Promise<FakeUpstream> {
  const upstream = new Recorder(handler, options);
  await upstream.listen(options.port ?? 0);
  return upstream;
}

class Recorder implements FakeUpstream {
  readonly #server: Server;
  readonly #scheme: string;
  readonly #original: Handler;
  readonly #sockets = new Map<Socket, number>();
  readonly #waiting: { count: number; resolve: (request: RecordedRequest) => void }[] = [];
  #handler: Handler;
  #once: Behaviour[] = [];
  #requests: RecordedRequest[] = [];
  #closedIn = 0;
  #closedOut = 0;
  started = 0;
  connections = 0;
  port = 0;

  constructor(handler: Handler, options: FakeUpstreamOptions) {
    this.#original = handler;
    this.#handler = handler;
    this.#scheme = options.tls === undefined ? 'http' : 'https';
    const serve = (incoming: IncomingMessage, response: ServerResponse): void => {
      this.#serve(incoming, response).catch((error: unknown) => failLoudly(response, error));
    };
    this.#server = options.tls === undefined ? createServer(serve) : createTlsServer(options.tls, serve);
    this.#server.keepAliveTimeout = 60_000;
    this.#server.on(options.tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) =>
      this.#track(socket),
    );
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`;
  }

  get requests(): readonly RecordedRequest[] {
    return this.#requests;
  }

  get openConnections(): number {
    return this.#sockets.size;
  }

  get bytesReceived(): number {
    return [...this.#sockets.keys()].reduce((sum, socket) => sum + socket.bytesRead, this.#closedIn);
  }

  get bytesSent(): number {
    return [...this.#sockets.keys()].reduce((sum, socket) => sum + handedOver(socket), this.#closedOut);
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    this.port = (this.#server.address() as AddressInfo).port;
  }

  respondWith(behaviour: Behaviour | Handler): void {
    this.#once = [];
    this.#handler = 'play' in behaviour ? () => behaviour : behaviour;
  }

  respondOnce(behaviour: Behaviour): void {
    this.#once.push(behaviour);
  }

  reset(): void {
    this.#handler = this.#original;
    this.#once = [];
    this.#requests = [];
    this.started = 0;
    this.connections = 0;
    // What open connections have carried so far is taken off, so that the sums start at nothing.
    this.#closedIn = 0;
    this.#closedOut = 0;
    this.#closedIn = 0 - this.bytesReceived;
    this.#closedOut = 0 - this.bytesSent;
  }

  async request(count: number): Promise<RecordedRequest> {
    const there = this.#requests[count - 1];
    if (there !== undefined) return there;
    return new Promise((resolve) => {
      this.#waiting.push({ count, resolve });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #track(socket: Socket): void {
    this.connections += 1;
    this.#sockets.set(socket, this.connections);
    socket.on('error', () => {
      // The other side went away: what the tests look at is `finished`.
    });
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#closedIn += socket.bytesRead;
      this.#closedOut += socket.bytesWritten;
    });
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    this.started += 1;
    const finished = new Promise<boolean>((resolve) => {
      response.once('close', () => resolve(response.writableFinished));
    });
    const body = await readWhole(incoming);
    if (body === undefined) return;
    const recorded = recordOf(incoming, { body, finished, connection: this.#sockets.get(incoming.socket) ?? 0 });
    this.#requests.push(recorded);
    for (const waiter of this.#waiting) if (waiter.count === this.#requests.length) waiter.resolve(recorded);
    const behaviour = this.#once.shift() ?? (await this.#handler(recorded));
    await behaviour.play({ request: recorded, response, socket: incoming.socket });
  }
}

/** The whole body, or undefined where the client left in the middle of it. */
async function readWhole(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of incoming) pieces.push(piece as Buffer);
  } catch {
    return undefined;
  }
  return Buffer.concat(pieces);
}

function recordOf(
  incoming: IncomingMessage,
  rest: Pick<RecordedRequest, 'body' | 'finished' | 'connection'>,
): RecordedRequest {
  const rawHeaders = [...incoming.rawHeaders];
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    rawHeaders,
    header: (name) => {
      const values = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
      return values.length === 0 ? undefined : values.join(', ');
    },
    json: () => JSON.parse(rest.body.toString('utf8')) as Record<string, unknown>,
    ...rest,
  };
}

/** Bytes that the kernel took: `bytesWritten` counts what still waits in the process too. */
function handedOver(socket: Socket): number {
  return socket.bytesWritten - socket.writableLength;
}

/** A handler that throws is a broken test: the answer says so, and the client fails on it. */
function failLoudly(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(599, { 'content-type': 'text/plain' });
  response.end(`The fake upstream's handler failed: ${String(error)}`);
}
