import type { Socket } from 'node:net';

import { LineScanner } from '../../../core/wire/http1/line-scanner.ts';
import { UpstreamFailure } from '../../../providers/contract.ts';
import { asUpstreamFailure, HEAD_LIMITS, malformed } from './malformed.ts';
import { parseHead } from './parse-head.ts';

export interface TunnelOrder {
  /** The request for the tunnel, whole. */
  readonly head: string;
  /** The event at which the proxy can be written to. */
  readonly ready: 'connect' | 'secureConnect';
  readonly opened: (socket: Socket) => void;
  readonly failed: (error: unknown) => void;
}

/** Asks a proxy for a tunnel on a connection to it that is being opened, and hands over the connection once it has agreed. */
export function openTunnel(line: Socket, order: TunnelOrder): Socket {
  const scanner = new LineScanner(HEAD_LIMITS);
  let head = '';
  const failed = (error: unknown): void => {
    order.failed(error);
    line.destroy();
  };
  const onEnd = (): void => failed(new UpstreamFailure('connect', 'the proxy closed the connection'));
  const onData = (chunk: Buffer): void => {
    try {
      const next = scanner.scan(chunk, 0, chunk.byteLength);
      head += chunk.toString('latin1', 0, next);
      if (!scanner.done) return;
      // The other side of the tunnel speaks second: what stands here is the proxy's own.
      if (next < chunk.byteLength) throw malformed('the proxy sent more than the head of its answer');
      const { status } = parseHead(head.slice(0, -2));
      if (status < 200 || status > 299)
        throw new UpstreamFailure('connect', `the proxy answered with status ${status}`);
    } catch (error) {
      failed(asUpstreamFailure(error));
      return;
    }
    line.off('data', onData).off('end', onEnd).off('error', failed);
    order.opened(line);
  };
  line.once(order.ready, () => line.write(order.head, 'latin1'));
  return line.on('error', failed).on('end', onEnd).on('data', onData);
}
