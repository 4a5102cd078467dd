import type { Exchange } from '../../gateway/exchange.ts';
import type { ManagementVisit } from '../../gateway/management.ts';
import type { TextStream } from './route.ts';

/** Writes an answer as it comes, no faster than the client takes it. What fails before the first piece is still an error answer. */
export async function writePieces(
  { exchange, stamp }: ManagementVisit,
  { contentType, pieces }: TextStream,
): Promise<void> {
  const iterator = pieces[Symbol.asyncIterator]();
  let piece = await iterator.next();
  const leaving = new Promise<void>((resolve) => {
    exchange.onAbort(resolve);
  });
  exchange.head(200, [...stamp.headers, 'content-type', contentType]);
  try {
    while (piece.done !== true && !exchange.aborted) {
      if (!exchange.write(piece.value)) await Promise.race([drained(exchange), leaving]);
      piece = await iterator.next();
    }
    exchange.end();
  } catch {
    // The head has promised a whole answer: only a broken connection says that it is not.
    exchange.destroy();
  } finally {
    await iterator.return?.();
  }
}

function drained(exchange: Exchange): Promise<void> {
  return new Promise((resolve) => {
    exchange.onDrain(resolve);
  });
}
