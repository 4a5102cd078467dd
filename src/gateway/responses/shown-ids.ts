import { eventData, eventEnd } from '../../core/wire/event-text.ts';
import { compileFieldSet } from '../../core/wire/field-set.ts';
import { isObject, jsonString, tryParseJson } from '../../core/wire/json-text.ts';
import { peek } from '../../core/wire/peek.ts';
import { PendingBytes } from '../../core/wire/pending-bytes.ts';
import { splice } from '../../core/wire/splice.ts';
import { StringSwap } from '../../core/wire/swap.ts';
import type { Call } from '../call.ts';
import { ownerOf } from './reference.ts';

const ID_FIELDS = ['id', 'previous_response_id'] as const;
const FIELDS = compileFieldSet(ID_FIELDS);
/** The first event of a stream repeats instructions and tools; one that is larger is not looked into. Bytes. */
const LARGEST_FIRST_EVENT = 4 * 1024 * 1024;
/** What may be the beginning of a blank line that is still open: CRLF CR. Bytes. */
const BLANK_LINE_TAIL = 3;
const NOTHING = new Uint8Array(0);
const SEQUENCE = Buffer.from('"sequence_number":');
/** Digits of a sequence number and the space before it. */
const SEQUENCE_ROOM = 16;

/** True where answers hold ids of responses, which clients see in our form. */
export function showsResponseIds({ endpoint }: Call): boolean {
  return endpoint.operation === 'responses';
}

/** The id that the client gets for one that the upstream gave. */
function shownId(call: Call, upstreamId: string): string {
  const { deployment, endpoint, principal, request, snapshot } = call;
  const reference = request?.response;
  if (reference?.upstreamId === upstreamId) return reference.id;
  if (deployment === undefined || principal === undefined) return upstreamId;
  const { responseIds } = snapshot;
  // What an administrator looks at stays the property of whose it is.
  const own = endpoint.stored === undefined ? undefined : reference?.owner;
  const owner = own ?? responseIds.ownerMark(ownerOf(principal));
  return responseIds.seal({ deploymentId: deployment.id, upstreamId, owner }) ?? upstreamId;
}

/** An answer in JSON with our ids at its top: of the response, and of the one before it. Every other byte as it came. */
export function withShownIds(call: Call, body: Uint8Array): Uint8Array {
  const peeked = peek(body, FIELDS);
  if (!peeked.ok) return body;
  const set = new Map<string, string>();
  for (const field of ID_FIELDS) {
    const id = peeked.top.value(field);
    if (typeof id === 'string') set.set(field, jsonString(shownId(call, id)));
  }
  return splice(peeked.top, { set });
}

/** What an upstream says of a response that it does not have, or does not let go: in the words of the client, its id. */
export function withReferenceShown(call: Call, body: Uint8Array): Uint8Array {
  const reference = call.request?.response;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (reference === undefined || !bytes.includes(reference.upstreamId)) return body;
  return Buffer.from(bytes.toString('utf8').replaceAll(reference.upstreamId, reference.id));
}

/**
 * A stream of events with our ids in it. Which id the upstream gave is in the first event that holds a response; up to its end the
 * stream waits, after it whatever is the same text is replaced, wherever a piece ends.
 */
export class ShownIdStream {
  readonly #call: Call;
  readonly #pending = new PendingBytes();
  #swap: StringSwap | undefined;
  #learning = true;
  /** Up to here the bytes that wait hold no end of an event. */
  #looked = 0;
  /** The last `sequence_number` that went by. */
  #sequence = -1;

  constructor(call: Call) {
    this.#call = call;
  }

  /** Of the event that comes next. */
  get nextSequence(): number {
    return this.#sequence + 1;
  }

  /** What can go on now. */
  push(piece: Uint8Array): Uint8Array {
    this.#noteSequence(piece);
    if (!this.#learning) return this.#swap === undefined ? piece : this.#swap.push(piece);
    this.#pending.append(piece);
    const looked = this.#learn();
    return this.#learning ? this.#take(looked) : this.#release();
  }

  /** What waited for more, once the stream is over. */
  end(): Uint8Array {
    if (this.#learning) return this.#release();
    return this.#swap?.end() ?? NOTHING;
  }

  /** Looks for the ids in the events that are whole. Answers where the last of them ends. */
  #learn(): number {
    const { bytes } = this.#pending;
    let start = 0;
    for (let end = eventEnd(bytes, this.#looked, bytes.length); end >= 0; end = eventEnd(bytes, start, bytes.length)) {
      const texts = this.#idsIn(eventData(bytes, start, end));
      start = end;
      if (texts === undefined) continue;
      this.#swap = new StringSwap(texts);
      this.#learning = false;
      return start;
    }
    if (bytes.length - start > LARGEST_FIRST_EVENT) this.#giveUp();
    this.#looked = Math.max(0, bytes.length - start - BLANK_LINE_TAIL);
    return start;
  }

  /** The id that the client named can be replaced all the same. */
  #giveUp(): void {
    const reference = this.#call.request?.response;
    if (reference !== undefined) this.#swap = new StringSwap(new Map([[reference.upstreamId, reference.id]]));
    this.#learning = false;
  }

  #idsIn(data: Uint8Array | undefined): ReadonlyMap<string, string> | undefined {
    const event = data === undefined ? undefined : tryParseJson(data);
    const response = isObject(event) ? event['response'] : undefined;
    if (!isObject(response) || typeof response['id'] !== 'string') return undefined;
    const ids = ID_FIELDS.map((field) => response[field]).filter((id) => typeof id === 'string');
    return new Map(ids.map((id) => [id, shownId(this.#call, id)]));
  }

  #release(): Uint8Array {
    this.#learning = false;
    const waited = this.#take(this.#pending.length);
    return this.#swap === undefined ? waited : this.#swap.push(waited);
  }

  #take(count: number): Uint8Array {
    const taken = new Uint8Array(this.#pending.bytes.subarray(0, count));
    this.#pending.dropFront(count);
    return taken;
  }

  #noteSequence(piece: Uint8Array): void {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    const at = bytes.lastIndexOf(SEQUENCE);
    if (at < 0) return;
    const from = at + SEQUENCE.length;
    const number = Number.parseInt(bytes.toString('latin1', from, from + SEQUENCE_ROOM), 10);
    if (number >= 0) this.#sequence = number;
  }
}
