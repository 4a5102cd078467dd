import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

import { openTunnel } from './open-tunnel.ts';
import type { Place, Target } from './target.ts';

/** Room for one read. What is read is copied out of it at once, so one is enough for a connection's life. Bytes. */
const READ_BYTES = 32 * 1024;

/** What becomes of a connection. */
export interface LineEvents {
  /** Ready for a request. */
  opened(socket: Socket): void;
  /** The first `length` bytes of `buffer`, which will be overwritten. */
  read(buffer: Buffer, length: number): void;
  /** The other side has closed its direction. */
  ended(): void;
  failed(error: unknown): void;
  closed(): void;
}

/**
 * Opens a connection as the target wants it: straight, or through a proxy. Answers the socket whose destruction ends it all,
 * before it is open.
 */
export function dial(target: Target, events: LineEvents): Socket {
  if (target.tunnel === undefined) {
    const socket = openLine(target.place, events, secureOptions(target));
    socket.once(target.place.secure ? 'secureConnect' : 'connect', () => events.opened(socket));
    return listen(socket, events);
  }
  const { proxy, head } = target.tunnel;
  const line = openTunnel(openLine(proxy, undefined, secureNameOf(proxy)), {
    head,
    ready: proxy.secure ? 'secureConnect' : 'connect',
    opened: (below) => {
      const socket = connectTls({ ...secureOptions(target), socket: below });
      // A socket over a socket takes no read buffer of ours.
      socket.on('data', (chunk: Buffer) => events.read(chunk, chunk.byteLength));
      socket.once('secureConnect', () => events.opened(socket));
      listen(socket, events);
    },
    failed: (error) => events.failed(error),
  });
  // For good: an error of the outer TLS may come long after the tunnel stands, and one that nobody hears ends the process.
  line.on('error', (error) => events.failed(error));
  line.on('close', () => events.closed());
  return line;
}

function listen(socket: Socket, events: LineEvents): Socket {
  socket.on('error', (error) => events.failed(error));
  socket.on('end', () => events.ended());
  socket.on('close', () => events.closed());
  return socket;
}

function openLine(place: Place, events: LineEvents | undefined, secure: ConnectionOptions): Socket {
  // An idle connection that a firewall has forgotten is found out by the kernel's probes.
  const line = { host: place.host, port: place.port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };
  const reading = events === undefined ? {} : { onread: readInto(events) };
  return place.secure ? connectTls({ ...line, ...secure, ...reading }) : connectTcp({ ...line, ...reading });
}

/** Reads without a stream of Node's in between, and without a buffer for each read. */
function readInto(events: LineEvents): { buffer: Buffer; callback: (length: number, buffer: Uint8Array) => boolean } {
  const room = Buffer.allocUnsafeSlow(READ_BYTES);
  return {
    buffer: room,
    callback: (length) => {
      events.read(room, length);
      return true;
    },
  };
}

function secureOptions(target: Target): ConnectionOptions {
  const { place, sessions } = target;
  if (!place.secure) return {};
  const session = sessions.latest;
  return { ...secureNameOf(place), ...(session === undefined ? {} : { session }) };
}

function secureNameOf(place: Place): ConnectionOptions {
  // A name in TLS is no address (RFC 6066, 3); Node checks the certificate against `host` then.
  const name = isIP(place.host) === 0 ? { servername: place.host } : {};
  return { host: place.host, ALPNProtocols: ['http/1.1'], ...name };
}
