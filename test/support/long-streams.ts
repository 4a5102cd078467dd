import { manualStream, type FakeUpstream, type ManualStream } from './fake-upstream.ts';

/** How many steps lie between two beginnings. */
const EVERY = 15;
/** How many steps a stream lives. */
const LENGTH = 45;

/** A stream that has ended. */
export interface EndedStream {
  /** The step that it began at. */
  readonly begun: number;
  readonly status: number;
  /** `x-litellm-model-id`. */
  readonly servedBy: string | null;
  readonly text: string;
  /** What the upstream sent. */
  readonly sent: string;
}

interface OpenStream {
  readonly begun: number;
  readonly stream: ManualStream;
  readonly events: string[];
}

/** Streams that outlive what goes on around them: one begins at every 15th step, gets an event at each, and ends 45 steps later. */
export class LongStreams {
  readonly #source: FakeUpstream;
  readonly #call: () => Promise<Response>;
  readonly #ended: Promise<EndedStream>[] = [];
  #open: OpenStream[] = [];

  /** `call` makes a streamed call that reaches `source`, which nothing else does. */
  constructor(source: FakeUpstream, call: () => Promise<Response>) {
    this.#source = source;
    this.#call = call;
  }

  /** Steps count from 1. */
  async step(n: number): Promise<void> {
    if (n % EVERY === 0) await this.#begin(n);
    for (const one of this.#open) await push(one, `data: {"step":${n}}\n\n`);
    const old = this.#open.filter(({ begun }) => n - begun >= LENGTH);
    this.#open = this.#open.filter((one) => !old.includes(one));
    await Promise.all(old.map(end));
  }

  /** Ends those that are still open. Resolves with every stream that there was, in order of beginning. */
  async finish(): Promise<readonly EndedStream[]> {
    await Promise.all(this.#open.map(end));
    return Promise.all(this.#ended);
  }

  async #begin(n: number): Promise<void> {
    const one: OpenStream = { begun: n, stream: manualStream(), events: [] };
    this.#source.respondOnce(one.stream);
    const answer = this.#call();
    await one.stream.opened;
    this.#open.push(one);
    this.#ended.push(readWhole(answer, one));
  }
}

async function push({ stream, events }: OpenStream, event: string): Promise<void> {
  events.push(event);
  await stream.send(event);
}

async function end(one: OpenStream): Promise<void> {
  await push(one, 'data: [DONE]\n\n');
  one.stream.end();
}

async function readWhole(running: Promise<Response>, { begun, events }: OpenStream): Promise<EndedStream> {
  const answer = await running;
  const text = await answer.text();
  const servedBy = answer.headers.get('x-litellm-model-id');
  return { begun, status: answer.status, servedBy, text, sent: events.join('') };
}
