/** What stands in a template where each answer has its own id: as long as the id. */
export const ID_MARK = 'simulated0answer0id0mark';

const MARK_BYTES = Buffer.from(ID_MARK, 'latin1');
const DONE = 'data: [DONE]\n\n';

/** An HTTP answer, head and all, built once and sent many times. Only the id differs from one time to the next. */
export interface Template {
  readonly status: number;
  readonly bytes: Buffer;
  /** Where the id stands. */
  readonly idOffsets: readonly number[];
  /** Where each event of a stream ends, the head counted to the first; one entry for an answer that is no stream. */
  readonly pieceEnds: readonly number[];
  /** How many tokens have been said when the last piece is out: paces an answer that is no stream. */
  readonly tokens: number;
}

/** Head fields that every answer carries besides its framing. */
export type ExtraHeaders = readonly (readonly [name: string, value: string])[];

/** A JSON answer with content-length. */
export function jsonTemplate(body: unknown, head: { status: number; extra: ExtraHeaders; tokens?: number }): Template {
  const bytes = Buffer.from(JSON.stringify(body), 'utf8');
  const framing: ExtraHeaders = [
    ['content-type', 'application/json'],
    ['content-length', String(bytes.byteLength)],
  ];
  const whole = Buffer.concat([headBytes(head.status, [...framing, ...head.extra]), bytes]);
  return finish(whole, { status: head.status, pieceEnds: [whole.byteLength], tokens: head.tokens ?? 0 });
}

/** A stream of server-sent events, one HTTP chunk each, `[DONE]` and the last chunk with the last event. */
export function eventsTemplate(events: readonly unknown[], extra: ExtraHeaders): Template {
  const pieces = events.map((event) => chunkBytes(`data: ${JSON.stringify(event)}\n\n`));
  pieces.push(Buffer.concat([pieces.pop() ?? MARK_BYTES, chunkBytes(DONE)]));
  return chunkedTemplate(pieces, [...EVENT_STREAM, ...extra]);
}

/** A stream of events that have a `type`, each under its own name; nothing follows the last one. */
export function typedEventsTemplate(events: readonly TypedEvent[], extra: ExtraHeaders): Template {
  const pieces = events.map((event) => chunkBytes(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`));
  return chunkedTemplate(pieces, [...EVENT_STREAM, ...extra]);
}

/** Bytes of any kind, in HTTP chunks of at most `pieceBytes`. */
export function bytesTemplate(bytes: Buffer, pieceBytes: number, extra: ExtraHeaders): Template {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.byteLength; at += pieceBytes)
    pieces.push(chunkBytes(bytes.subarray(at, at + pieceBytes)));
  return chunkedTemplate(pieces, extra);
}

/** An event of a stream, by what it is. */
export interface TypedEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

const EVENT_STREAM: ExtraHeaders = [
  ['content-type', 'text/event-stream; charset=utf-8'],
  ['cache-control', 'no-cache'],
];
const CHUNKED: ExtraHeaders = [['transfer-encoding', 'chunked']];

/** The head goes with the first piece, the end of the body with the last. */
function chunkedTemplate(pieces: Buffer[], headers: ExtraHeaders): Template {
  const tokens = pieces.length;
  const head = headBytes(200, [...headers, ...CHUNKED]);
  pieces[0] = Buffer.concat([head, ...pieces.slice(0, 1)]);
  pieces.push(Buffer.concat([pieces.pop() ?? MARK_BYTES, Buffer.from('0\r\n\r\n')]));
  let end = 0;
  const pieceEnds = pieces.map((piece) => (end += piece.byteLength));
  return finish(Buffer.concat(pieces), { status: 200, pieceEnds, tokens });
}

/** The answer with this id in every place. `id` must be as long as the mark. */
export function stamp(template: Template, id: string): Buffer {
  const bytes = Buffer.allocUnsafe(template.bytes.byteLength);
  template.bytes.copy(bytes);
  for (const offset of template.idOffsets) bytes.write(id, offset, 'latin1');
  return bytes;
}

/** The id of request number `index` under a seed, as long as the mark. */
export function idOf(seed: number, index: number): string {
  return `${(seed >>> 0).toString(16).padStart(8, '0')}${index.toString(16).padStart(ID_MARK.length - 8, '0')}`;
}

function finish(bytes: Buffer, rest: Pick<Template, 'status' | 'pieceEnds' | 'tokens'>): Template {
  const idOffsets: number[] = [];
  for (let at = bytes.indexOf(MARK_BYTES); at >= 0; at = bytes.indexOf(MARK_BYTES, at + 1)) idOffsets.push(at);
  return { bytes, idOffsets, ...rest };
}

function headBytes(status: number, headers: ExtraHeaders): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`HTTP/1.1 ${status} ${status < 400 ? 'OK' : 'Error'}\r\n${lines}\r\n`, 'latin1');
}

function chunkBytes(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from(`${bytes.byteLength.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}
