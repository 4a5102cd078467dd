import { connect, type Socket } from 'node:net';

/** What came back on a raw connection. */
export interface RawAnswer {
  readonly text: string;
  /** The status of the first answer; 0: none came. */
  readonly status: number;
  /** True where the server closed the connection. */
  readonly closed: boolean;
}

/** How long to wait for a server that keeps the connection open. Milliseconds. */
const QUIET_MS = 250;

/** Writes bytes to a port and reads until the server closes, or says nothing more for a moment. */
export async function sendRaw(port: number, ...parts: readonly (string | Uint8Array)[]): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1');
  try {
    for (const part of parts) socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part);
    return await readRaw(socket);
  } finally {
    socket.destroy();
  }
}

/** Reads until the server closes, or says nothing more for `quietMs` after something came. */
export function readRaw(socket: Socket, quietMs = QUIET_MS): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let text = '';
    let timer: NodeJS.Timeout | undefined;
    const finish = (closed: boolean): void => {
      clearTimeout(timer);
      resolve({ text, status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), closed });
    };
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      clearTimeout(timer);
      timer = setTimeout(() => finish(false), quietMs);
    });
    socket.on('end', () => finish(true));
    socket.on('error', () => finish(true));
  });
}

/** The head of a request, lines joined as HTTP wants them. */
export function headOf(...lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`;
}
