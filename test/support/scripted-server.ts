import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A request on a scripted server, as soon as its head has come. */
export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  /** Lines of the head, the first one included. */
  readonly head: readonly string[];
  /** Resolves once the whole body has come; never where the client leaves before. */
  readonly body: Promise<string>;
  /** Write what you like: nothing here knows HTTP answers. */
  readonly socket: Socket;
  /** Number of the connection, from 1. */
  readonly connection: number;
  /** Resolves once the connection is gone. */
  readonly gone: Promise<void>;
}

/** A server on raw connections, for answers that no HTTP server would give. */
export interface ScriptedServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Connections opened so far. */
  readonly connections: number;
  /** Requests whose head has come, in that order. */
  readonly requests: readonly ScriptedRequest[];
}

/** Starts one on a free port of loopback. `play` is called for every request. */
export async function startScriptedServer(
  play: (request: ScriptedRequest) => Promise<void> | void,
): Promise<ScriptedServer> {
  const requests: ScriptedRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    const gone = new Promise<void>((resolve) => {
      socket.on('close', () => {
        sockets.delete(socket);
        resolve();
      });
    });
    socket.on('error', () => socket.destroy());
    const reader = new RequestReader({ socket, gone, connection: connections }, (request) => {
      requests.push(request);
      void play(request);
    });
    socket.on('data', (chunk: Buffer) => reader.read(chunk));
  });
  await listen(server);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
}

/** Takes requests with a content-length, or without a body, apart. */
class RequestReader {
  readonly #line: Pick<ScriptedRequest, 'socket' | 'gone' | 'connection'>;
  readonly #onRequest: (request: ScriptedRequest) => void;
  #text = '';
  #awaited: { length: number; resolve: (body: string) => void } | undefined;

  constructor(
    line: Pick<ScriptedRequest, 'socket' | 'gone' | 'connection'>,
    onRequest: (request: ScriptedRequest) => void,
  ) {
    this.#line = line;
    this.#onRequest = onRequest;
  }

  read(chunk: Buffer): void {
    this.#text += chunk.toString('latin1');
    while (this.#awaited === undefined ? this.#head() : this.#body());
  }

  #head(): boolean {
    const end = this.#text.indexOf('\r\n\r\n');
    if (end === -1) return false;
    const head = this.#text.slice(0, end).split('\r\n');
    this.#text = this.#text.slice(end + 4);
    const [method = '', path = ''] = (head[0] ?? '').split(' ');
    const length = Number(/^content-length: (\d+)$/im.exec(head.join('\n'))?.[1] ?? 0);
    const body = new Promise<string>((resolve) => {
      this.#awaited = { length, resolve };
    });
    this.#onRequest({ method, path, head, body, ...this.#line });
    return true;
  }

  #body(): boolean {
    const { length, resolve } = this.#awaited ?? { length: 0, resolve: () => undefined };
    if (this.#text.length < length) return false;
    resolve(this.#text.slice(0, length));
    this.#text = this.#text.slice(length);
    this.#awaited = undefined;
    return true;
  }
}
