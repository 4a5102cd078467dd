import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SseScanner, MAX_EVENT_BYTES } from './sse.ts';

interface Report {
  readonly done: boolean;
  readonly finished: boolean;
  readonly failed: boolean;
  readonly usage: string | undefined;
}

const QUIET: Report = { done: false, finished: false, failed: false, usage: undefined };

function watched(pieces: readonly (string | Uint8Array)[]): Report {
  const watch = new SseScanner();
  for (const piece of pieces) watch.feed(Buffer.from(piece));
  watch.end();
  const { done, finished, failed, usage } = watch;
  return { done, finished, failed, usage: usage === undefined ? undefined : Buffer.from(usage).toString() };
}

function bytewise(text: string): Uint8Array[] {
  return Array.from(Buffer.from(text), (byte) => Uint8Array.of(byte));
}

const WORD = 'data: {"id":"1","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}],"usage":null}\n\n';
const STOP = 'data: {"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
const USAGE = '{"id":"1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21}}';

describe('SseScanner', () => {
  test.each<[string, string, Partial<Report>]>([
    ['nothing', '', {}],
    ['words alone', WORD + WORD, {}],
    [
      'a whole stream',
      `${WORD}${STOP}data: ${USAGE}\n\ndata: [DONE]\n\n`,
      { done: true, finished: true, usage: USAGE },
    ],
    ['no [DONE]', WORD + STOP, { finished: true }],
    ['[DONE] without its blank line', `${WORD}data: [DONE]\n`, { done: true }],
    ['[DONE] without any line break', `${WORD}data: [DONE]`, { done: true }],
    ['[DONE] without a space', 'data:[DONE]\n\n', { done: true }],
    ['[DONE] at the very start', 'data: [DONE]\n\n', { done: true }],
    ['a cut [DONE]', `${WORD}data: [DON`, {}],
    ['[DONE] in a text', 'data: {"choices":[{"delta":{"content":"data: [DONE]"}}]}\n\n', {}],
    ['[DONE] in a comment', ': [DONE]\n\n', {}],
    ['[DONE] in an event name', 'event: [DONE]\ndata: {}\n\n', {}],
    ['an event cut in the middle', `${WORD}${STOP.slice(0, -8)}`, {}],
    ['a whole last event without a blank line', STOP.trimEnd(), { finished: true }],
    [
      'CRLF',
      `${STOP}data: ${USAGE}\n\ndata: [DONE]\n\n`.replaceAll('\n', '\r\n'),
      { done: true, finished: true, usage: USAGE },
    ],
    [
      'CR',
      `${STOP}data: ${USAGE}\n\ndata: [DONE]\n\n`.replaceAll('\n', '\r'),
      { done: true, finished: true, usage: USAGE },
    ],
    ['comments', `: ping\n\n: "usage": {\n${STOP}:\n\n`, { finished: true }],
    ['other fields', `id: 7\nevent: message\nretry: 10\n${STOP}`, { finished: true }],
    ['a field that only starts like data', 'database: {"error":{}}\n\n', {}],
    [
      'data in several lines',
      'data: {"choices":[],\ndata: "usage":\ndata: {"total_tokens":1}\ndata:}\n\n',
      { usage: '{"choices":[],\n"usage":\n{"total_tokens":1}\n}' },
    ],
    ['an error', 'data: {"error":{"message":"overloaded"}}\n\n', { failed: true }],
    ['an error further back', 'data: {"id":"1","choices":[],"error":{"code":500}}\n\n', { failed: true }],
    ['an error of text', 'data: { "error" : "overloaded" }\n\n', { failed: true }],
    ['an error of null', 'data: {"error": null}\n\n', {}],
    ['an error inside', 'data: {"delta":{"error":{}}}\n\n', {}],
    ['a text that speaks of errors', 'data: {"choices":[{"delta":{"content":"\\"error\\": {"}}]}\n\n', {}],
    ['usage inside', 'data: {"x":{"usage":{"total_tokens":1}}}\n\n', {}],
    ['usage of null at the end', `data: ${USAGE}\n\n${WORD}`, { usage: USAGE }],
    ['usage twice', `data: {"usage":{"total_tokens":1}}\n\ndata: ${USAGE}\n\n`, { usage: USAGE }],
    [
      'spaces as Python writes them',
      'data: {"choices": [{"finish_reason": "stop"}], "usage": {}}\n\n',
      { finished: true, usage: '{"choices": [{"finish_reason": "stop"}], "usage": {}}' },
    ],
    [
      'spaces before colons',
      'data: {"usage" :\t{}, "choices" :[{"finish_reason"  :  "x"}]}\n\n',
      { finished: true, usage: '{"usage" :\t{}, "choices" :[{"finish_reason"  :  "x"}]}' },
    ],
    [
      'the second choice',
      'data: {"choices":[{"finish_reason":null},{"finish_reason":"length"}]}\n\n',
      { finished: true },
    ],
    ['choices of another shape', 'data: {"choices":{"finish_reason":"stop"}}\n\n', {}],
    ['data that is no JSON', 'data: "usage":{ "finish_reason":"stop"\n\n', {}],
    ['no stream at all', '{"error":{"message":"not a stream"}}', {}],
  ])('%s', (_, text, wanted) => {
    const report = { ...QUIET, ...wanted };
    expect(watched([text])).toEqual(report);
    expect(watched(bytewise(text))).toEqual(report);
  });

  test('reports while the stream runs', () => {
    const watch = new SseScanner();
    watch.feed(Buffer.from(STOP.slice(0, 30)));
    expect(watch.finished).toBe(false);
    watch.feed(Buffer.from(STOP.slice(30)));
    expect(watch.finished).toBe(true);
  });

  test('finds every needle at every alignment', () => {
    for (let shift = 0; shift < 9; shift += 1) {
      const pad = `data: {"p":"${'x'.repeat(shift)}",`;
      expect(watched([`${pad}"usage":{}}\n\n`]).usage).toBeDefined();
      expect(watched([`${pad}"error":{}}\n\n`]).failed).toBe(true);
      expect(watched([`${pad}"choices":[{"finish_reason":"stop"}]}\n\n`]).finished).toBe(true);
      expect(watched([`:${'x'.repeat(shift)}\ndata: [DONE]\n\n`]).done).toBe(true);
      expect(watched([`:${'x'.repeat(shift)}\ndata:[DONE]\n\n`]).done).toBe(true);
    }
  });

  test('keeps a copy of the usage: the relay may reuse its pieces', () => {
    const watch = new SseScanner();
    const piece = Buffer.from(`data: ${USAGE}\n\n`);
    watch.feed(piece);
    piece.fill(0);
    expect(Buffer.from(watch.usage ?? []).toString()).toBe(USAGE);
  });

  test.each([1, 2, 3])('draws the line of the largest event at the same byte, cut or not (%i)', (cut) => {
    for (const [lineBreak, excess] of [
      ['\n', 0],
      ['\n', 1],
      ['\r\n', 0],
      ['\r\n', 1],
      ['\r', 0],
      ['\r', 1],
    ] as const) {
      const frame = `data: {"error":""}${lineBreak}${lineBreak}`;
      const filler = 'x'.repeat(MAX_EVENT_BYTES - frame.length + excess);
      const event = `data: {"error":"${filler}"}${lineBreak}${lineBreak}`;
      const text = `${lineBreak}${event}data: [DONE]${lineBreak}${lineBreak}`;
      const report = { ...QUIET, done: true, failed: excess === 0 };
      const at = text.length - 17 - lineBreak.length * 2 + cut;
      expect(watched([text])).toEqual(report);
      expect(watched([text.slice(0, at), text.slice(at)])).toEqual(report);
      expect(watched([text.slice(0, 1), text.slice(1, at), text.slice(at, at + 1), text.slice(at + 1)])).toEqual(
        report,
      );
    }
  });

  test('holds no more than one event, however long that grows', () => {
    const watch = new SseScanner();
    const mebibyte = Buffer.alloc(1 << 20, 'x');
    watch.feed(Buffer.from('data: {"error":"'));
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 12; count += 1) watch.feed(mebibyte);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5 << 20);
    watch.feed(Buffer.from('"}\n\ndata: [DONE]\n\n'));
    expect(watch).toMatchObject({ failed: false, done: true });
  });

  test('reports the same however the stream is cut', () => {
    const events = [WORD, STOP, `data: ${USAGE}\n\n`, 'data: [DONE]\n\n', 'data: {"error":{"message":"x"}}\n\n'];
    const oddities = [': ping\n\n', '\n', 'event: error\n', 'data: {"choices":[\ndata: ]}\n\n', 'data: cut'];
    const line = fc.constantFrom(...events, ...oddities);
    const lineBreaks = fc.constantFrom('\n', '\r\n', '\r');
    const streams = fc.array(fc.tuple(line, lineBreaks), { maxLength: 12 });
    const cuts = fc.array(fc.nat(), { maxLength: 12 });
    fc.assert(
      fc.property(streams, cuts, (parts, marks) => {
        const text = parts.map(([part, lineBreak]) => part.replaceAll('\n', lineBreak)).join('');
        const offsets = [
          0,
          ...marks.map((mark) => mark % (text.length + 1)).sort((one, other) => one - other),
          text.length,
        ];
        const pieces = offsets.slice(1).map((offset, index) => text.slice(offsets[index], offset));
        expect(watched(pieces)).toEqual(watched([text]));
        expect(watched(bytewise(text))).toEqual(watched([text]));
      }),
      { numRuns: 600 },
    );
  });

  test('agrees with a plain reader that parses every event', () => {
    const value = fc.oneof(
      fc.constant(null),
      fc.string(),
      fc.record({ total_tokens: fc.nat() }),
      fc.string({ unit: 'grapheme' }),
    );
    const keys = fc.constantFrom('usage', 'error', 'finish_reason', 'choices', 'content');
    const choice = fc.dictionary(keys, value, { maxKeys: 3 });
    const event = fc.dictionary(keys, fc.oneof(value, fc.array(choice, { maxLength: 2 }), choice), { maxKeys: 4 });
    const spaced = fc.constantFrom(undefined, 1);
    fc.assert(
      fc.property(fc.array(fc.tuple(event, spaced), { maxLength: 8 }), (events) => {
        const datas = events.map(([data, indent]) => JSON.stringify(data, null, indent));
        const text = datas
          .map(
            (data) =>
              `${data
                .split('\n')
                .map((line) => `data: ${line}`)
                .join('\n')}\n\n`,
          )
          .join('');
        expect(watched([text])).toEqual(plainReport(datas));
      }),
      { numRuns: 2000 },
    );
  });
});

/** The same report by JSON.parse of each event. */
function plainReport(datas: readonly string[]): Report {
  const report = { ...QUIET };
  for (const data of datas) {
    const piece = JSON.parse(data) as { usage?: unknown; error?: unknown; choices?: unknown };
    const choices = Array.isArray(piece.choices) ? (piece.choices as { finish_reason?: unknown }[]) : [];
    if (choices.some((choice) => typeof choice.finish_reason === 'string')) report.finished = true;
    if (piece.error !== null && piece.error !== undefined) report.failed = true;
    if (typeof piece.usage === 'object' && piece.usage !== null && !Array.isArray(piece.usage)) report.usage = data;
  }
  return report;
}
