import { CHUNK_SIEVE, TYPED_SIEVE, type Sieve } from './event-sieve.ts';
import { isObject } from './json-text.ts';

/** What one event's data says of the stream. */
export interface EventMeaning {
  /** The answer is whole with this event. */
  readonly finishes: boolean;
  /** The event is an error. */
  readonly fails: boolean;
  /** What the upstream says it used, or undefined. */
  readonly usage: unknown;
}

/** How a kind of event stream says that it is whole, that it failed, and what it used. */
export interface StreamDialect {
  readonly sieve: Sieve;
  /** The meaning of an event whose data is this object. */
  meaningOf(data: Readonly<Record<string, unknown>>): EventMeaning;
  /** True where the last event may be too large to be read (it repeats all of the answer), and is taken for an end then. */
  readonly largeEnd: boolean;
}

/** Chat and completions: pieces with `choices`, a `finish_reason`, then `[DONE]`. */
export const CHUNKS: StreamDialect = {
  sieve: CHUNK_SIEVE,
  largeEnd: false,
  meaningOf: (data) => ({
    finishes: hasFinishReason(data['choices']),
    fails: isGiven(data['error']),
    usage: data['usage'],
  }),
};

/** The types that end a stream of typed events. Source: OpenAI's API reference; none of these streams ends in `[DONE]`. */
const ENDS: ReadonlySet<unknown> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'image_generation.completed',
  'image_edit.completed',
  'speech.audio.done',
  'transcript.text.done',
]);
const FAILURES: ReadonlySet<unknown> = new Set(['error', 'response.failed']);

/** Responses, images, speech and transcriptions: every event has a `type`, and the last one tells the usage. */
export const TYPED_EVENTS: StreamDialect = {
  sieve: TYPED_SIEVE,
  largeEnd: true,
  meaningOf: (data) => {
    const { type, response } = data;
    return {
      finishes: ENDS.has(type),
      fails: FAILURES.has(type) || isGiven(data['error']),
      usage: isObject(response) ? response['usage'] : data['usage'],
    };
  },
};

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function hasFinishReason(choices: unknown): boolean {
  if (!Array.isArray(choices)) return false;
  return choices.some((choice: unknown) => isObject(choice) && typeof choice['finish_reason'] === 'string');
}
