import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { compileFieldSet } from '../../src/core/wire/field-set.ts';
import { peek } from '../../src/core/wire/peek.ts';
import { splice } from '../../src/core/wire/splice.ts';
import { SseScanner } from '../../src/core/wire/sse.ts';
import { hostFacts } from '../load/host.ts';
import { show, summarise, type Summary } from '../statistics.ts';

// What it costs to change a body's `model` and take out its `tags`, and to watch a stream: as bytes, and by parse + stringify.

const FIELDS = compileFieldSet(
  `model stream stream_options tags metadata litellm_metadata user fallbacks num_retries mock_response store api_base
  base_url api_key user_config`.split(/\s+/),
);
const EDITS = { set: new Map([['model', '"gpt-4o-mini"']]), remove: ['tags'] };
const BATCHES = 15;
const BATCH_MS = 80;
const WARM_UP_MS = 400;
const EVENTS = 500;

const PROSE = 'The quick brown fox jumps over the lazy dog, and says "hello" to everybody who is there.\n';
const SCRIPT = '素早い茶色の狐が、のろまな犬を飛び越える。';

/** One piece of work done in two ways. */
interface Subject {
  readonly name: string;
  readonly bytes: number;
  readonly asBytes: () => unknown;
  readonly asValues: () => unknown;
}

interface Row {
  readonly name: string;
  readonly bytes: number;
  /** CPU microseconds a call. */
  readonly asBytes: Summary;
  readonly asValues: Summary;
}

/** A chat request whose text is about `size` bytes, in some messages. */
function chatBody(size: number, text: string): Buffer {
  const repeats = Math.ceil(size / 4 / Buffer.byteLength(text));
  const content = text.repeat(repeats);
  const messages = ['system', 'user', 'assistant', 'user'].map((role) => ({ role, content }));
  return Buffer.from(JSON.stringify({ model: 'gpt-4', messages, temperature: 0.7, stream: true, tags: ['free'] }));
}

function editAsBytes(body: Buffer): Uint8Array {
  const found = peek(body, FIELDS);
  if (!found.ok) throw new Error(found.problem.reason);
  return splice(found.top, EDITS);
}

function editAsValues(body: Buffer): Buffer {
  const value = JSON.parse(body.toString()) as { model: string; tags?: unknown };
  value.model = 'gpt-4o-mini';
  delete value.tags;
  return Buffer.from(JSON.stringify(value));
}

function bodySubject(name: string, body: Buffer): Subject {
  if (!editAsValues(body).equals(editAsBytes(body))) throw new Error('The two ways do not agree.');
  return { name, bytes: body.length, asBytes: () => editAsBytes(body), asValues: () => editAsValues(body) };
}

function streamEvents(): Buffer[] {
  const base = {
    id: 'chatcmpl-9abcdefghij',
    object: 'chat.completion.chunk',
    created: 1_795_423_515,
    model: 'gpt-4o-mini',
  };
  const events: object[] = Array.from({ length: EVENTS - 2 }, (_, index) => ({
    ...base,
    choices: [{ index: 0, delta: { content: ` word${index}` }, logprobs: null, finish_reason: null }],
    usage: null,
  }));
  events.push({ ...base, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: null });
  events.push({ ...base, choices: [], usage: { prompt_tokens: 9, completion_tokens: 498, total_tokens: 507 } });
  return [...events.map((event) => `data: ${JSON.stringify(event)}\n\n`), 'data: [DONE]\n\n'].map((text) =>
    Buffer.from(text),
  );
}

function scan(pieces: readonly Buffer[]): boolean {
  const scanner = new SseScanner();
  for (const piece of pieces) scanner.feed(piece);
  scanner.end();
  return scanner.done && scanner.finished && scanner.usage !== undefined;
}

function reserialise(pieces: readonly Buffer[]): number {
  let bytes = 0;
  for (const piece of pieces) {
    for (const event of piece.toString().split('\n\n')) {
      if (event === '' || event === 'data: [DONE]') continue;
      bytes += Buffer.from(`data: ${JSON.stringify(JSON.parse(event.slice(6)))}\n\n`).length;
    }
  }
  return bytes;
}

function streamSubject(name: string, pieces: readonly Buffer[]): Subject {
  if (!scan(pieces)) throw new Error('The scanner missed the end of the stream.');
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return { name, bytes, asBytes: () => scan(pieces), asValues: () => reserialise(pieces) };
}

/** Sixteen events in each piece, as a busy socket brings them. */
function bundled(events: readonly Buffer[]): Buffer[] {
  const count = Math.ceil(events.length / 16);
  return Array.from({ length: count }, (_, index) => Buffer.concat(events.slice(index * 16, index * 16 + 16)));
}

/** CPU time of this thread, in microseconds: other processes on the core do not count. Linux keeps it in nanoseconds. */
function threadMicroseconds(): number {
  return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1000;
}

function batch(work: () => unknown, calls: number): number {
  const before = threadMicroseconds();
  for (let call = 0; call < calls; call += 1) work();
  return (threadMicroseconds() - before) / calls;
}

/** Calls that make a batch. The kernel may bring its account up to date with every tick (4 ms) only: a batch must be many ticks. */
function callsInBatch(work: () => unknown): number {
  const until = performance.now() + WARM_UP_MS;
  let calls = 0;
  for (; performance.now() < until; calls += 1) work();
  return Math.max(2, Math.ceil((calls * BATCH_MS) / WARM_UP_MS));
}

/** The two ways in turn, batch by batch. */
function measure(subject: Subject): Row {
  const calls = { asBytes: callsInBatch(subject.asBytes), asValues: callsInBatch(subject.asValues) };
  const asBytes: number[] = [];
  const asValues: number[] = [];
  for (let round = 0; round < BATCHES; round += 1) {
    asBytes.push(batch(subject.asBytes, calls.asBytes));
    asValues.push(batch(subject.asValues, calls.asValues));
  }
  return { name: subject.name, bytes: subject.bytes, asBytes: summarise(asBytes), asValues: summarise(asValues) };
}

function printTable(rows: readonly Row[]): void {
  const host = hostFacts();
  console.log(`${host.date}, ${host.cpu}, Node ${host.node}. CPU microseconds, median with quartiles.\n`);
  console.log('| work | bytes | as bytes | parse + stringify | ratio |\n| --- | --- | --- | --- | --- |');
  for (const { name, bytes, asBytes, asValues } of rows) {
    const ratio = (asValues.median / asBytes.median).toFixed(1);
    console.log(`| ${name} | ${bytes} | ${show(asBytes, 2)} | ${show(asValues, 2)} | ${ratio} |`);
  }
}

function report(): void {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
  const events = streamEvents();
  const rows = [
    bodySubject('edit a body of 1 KB', chatBody(700, PROSE)),
    bodySubject('edit a body of 16 KB', chatBody(16_000, PROSE)),
    bodySubject('edit a body of 2 MB', chatBody(2_000_000, PROSE)),
    bodySubject('edit a body of 16 KB, Japanese', chatBody(16_000, SCRIPT)),
    bodySubject('edit a body of 2 MB, Japanese', chatBody(2_000_000, SCRIPT)),
    streamSubject(`watch ${EVENTS} events, one a piece`, events),
    streamSubject(`watch ${EVENTS} events, 16 a piece`, bundled(events)),
  ].map(measure);
  if (values.json) console.log(JSON.stringify({ host: hostFacts(), rows }, null, 2));
  else printTable(rows);
}

report();
