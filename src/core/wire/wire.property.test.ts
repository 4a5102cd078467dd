import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BodyProblem } from './contract.ts';
import { compileFieldSet } from './field-set.ts';
import { peek } from './peek.ts';
import { splice } from './splice.ts';

const NAMES = ['model', 'tags', 'stream', 'user'] as const;
const fields = compileFieldSet(NAMES);

/** The plain second reading of a body: JSON.parse says whether it is JSON, a regular expression cuts it into tokens. */
interface PlainBody {
  readonly verdicts: ReadonlySet<BodyProblem['code'] | 'ok'>;
  readonly text: string;
  /** Top-level fields in order: the key and the value as they were written. */
  readonly entries: readonly (readonly [key: string, value: string])[];
}

function plainReading(body: Uint8Array): PlainBody {
  let text = '';
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    value = JSON.parse(text);
  } catch {
    return { verdicts: new Set(['invalid_json']), text, entries: [] };
  }
  const { entries, depth } = tokenise(text);
  const verdicts = new Set<BodyProblem['code'] | 'ok'>();
  if (depth > 256) verdicts.add('nesting_too_deep');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) verdicts.add('invalid_body');
  else if (NAMES.some((name) => standsTwice(name, entries))) verdicts.add('duplicate_field');
  if (verdicts.size === 0) verdicts.add('ok');
  return { verdicts, text, entries };
}

function tokenise(text: string): { entries: [string, string][]; depth: number } {
  const entries: [string, string][] = [];
  let level = 0;
  let depth = 0;
  let key: { text: string; end: number } | undefined;
  for (const token of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    const opens = token[0] === '{' || token[0] === '[';
    const closes = token[0] === '}' || token[0] === ']';
    if (level === 1 && key !== undefined && (token[0] === ',' || closes)) {
      entries.push([key.text, text.slice(key.end, token.index).replace(/^\s*:\s*|\s*$/g, '')]);
      key = undefined;
    } else if (level === 1 && key === undefined && token[0].startsWith('"')) {
      key = { text: token[0], end: token.index + token[0].length };
    }
    level += Number(opens) - Number(closes);
    depth = Math.max(depth, level);
  }
  return { entries, depth };
}

function standsTwice(name: string, entries: PlainBody['entries']): boolean {
  const keys = entries.map(([key]) => JSON.parse(key) as string);
  const exact = keys.filter((key) => key === name).length;
  const folded = keys.filter((key) => key.toUpperCase().toLowerCase() === name).length;
  return exact > 1 || (exact === 1 && folded > 1);
}

/** A JSON string literal, with some of its characters written as escapes. */
const literal = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(text, fc.array(fc.boolean(), { maxLength: 12 })).map(([plain, escapes]) => {
    const units = plain.split('').map((unit, index) => (escapes[index] === true ? escape(unit) : unit));
    const written = units.map((unit) => (unit.length > 1 ? unit : JSON.stringify(unit).slice(1, -1)));
    return `"${mendPairs(written).join('')}"`;
  });

function escape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** JSON.stringify of half a pair gives an escape; of both halves side by side the character can stay. */
function mendPairs(units: readonly string[]): string[] {
  return units.map((unit) => (/^[\ud800-\udfff]$/.test(unit) ? escape(unit) : unit));
}

const space = fc.constantFrom('', '', '', '', ' ', '\n', '\r\n\t', '  ');
const word = fc.oneof(fc.string({ maxLength: 8 }), fc.string({ unit: 'binary', maxLength: 8 }), longText());
const scalar = fc.oneof(
  literal(word),
  fc.constantFrom(
    'null',
    'true',
    'false',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\/\\b\\f\\n\\r\\t\\"\\\\"',
    '"\u2028日本語 😀"',
  ),
  fc.constantFrom('0', '-0', '9007199254740993', '123456789012345678901234567890', '1e999', '-1.50E+07', '0.1e-2'),
);
const key = fc.oneof(
  { weight: 3, arbitrary: literal(fc.constantFrom(...NAMES)) },
  { weight: 1, arbitrary: literal(fc.constantFrom('Model', 'MODEL', 'u\u017fer', 'mode', 'models', '', '__proto__')) },
  { weight: 3, arbitrary: literal(word) },
);

function longText(): fc.Arbitrary<string> {
  return fc
    .tuple(fc.nat(90), fc.constantFrom('', '"', '\\', 'é', '\u0001'))
    .map(([size, odd]) => `${'x'.repeat(size)}${odd}xx`);
}

const { value, object } = fc.letrec<{ value: string; object: string; list: string }>((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, tie('list'), tie('object')),
  list: fc
    .tuple(space, fc.array(tie('value'), { maxLength: 3 }), space)
    .map(([a, items, b]) => `[${a}${items.join(`${b},${a}`)}${b}]`),
  object: fc
    .tuple(space, fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }), space)
    .map(([a, pairs, b]) => `{${a}${pairs.map(([name, item]) => `${name}${b}:${a}${item}`).join(`${a},${b}`)}${b}}`),
}));

const body = fc
  .tuple(
    fc.constantFrom('', '', '', '\ufeff'),
    space,
    fc.oneof({ weight: 9, arbitrary: object }, { weight: 1, arbitrary: value }),
    space,
  )
  .map((parts) => Buffer.from(parts.join('')));

const mutation = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom('set', 'insert', 'delete', 'cut', 'swap'),
  byte: mutantByte(),
});

function mutantByte(): fc.Arbitrary<number> {
  const grammar = fc.constantFrom(
    ...Buffer.from('{}[]",:\\/-+.0123456789eEtrufalsn \n\t'),
    0,
    0x1f,
    0x7f,
    0xef,
    0xbb,
    0xbf,
  );
  return fc.oneof(grammar, fc.nat(255));
}

function mutate(
  bytes: Uint8Array,
  change: { readonly at: number; readonly kind: string; readonly byte: number },
): Uint8Array {
  const at = change.at % (bytes.length + 1);
  const tail = change.kind === 'insert' ? at : at + 1;
  if (change.kind === 'cut') return bytes.subarray(0, at);
  const middle = change.kind === 'delete' ? [] : [change.byte];
  if (change.kind === 'swap') middle.unshift(bytes[at + 1] ?? 0x20);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(middle), bytes.subarray(tail)]);
}

function verdict(bytes: Uint8Array): string {
  const found = peek(bytes, fields);
  return found.ok ? 'ok' : found.problem.code;
}

describe('peek against JSON.parse', () => {
  test('says the same of every body', () => {
    fc.assert(
      fc.property(body, (bytes) => {
        expect(plainReading(bytes).verdicts).toContain(verdict(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  test('says the same of every body with a few bytes wrong', () => {
    fc.assert(
      fc.property(body, fc.array(mutation, { minLength: 1, maxLength: 3 }), (bytes, changes) => {
        const mutant = changes.reduce(mutate, bytes);
        const found = verdict(mutant);
        const { verdicts } = plainReading(mutant);
        // A body with two faults may be refused for either.
        if (verdicts.has('invalid_json')) expect(found).not.toBe('ok');
        else expect(verdicts).toContain(found);
      }),
      { numRuns: 6000 },
    );
  });

  test('says the same of any bytes inside a string, a key and a value', () => {
    const frames: [string, string][] = [
      ['{"model":"', '"}'],
      ['{"', '":1}'],
      ['{"model":', '}'],
      ['', ''],
    ];
    fc.assert(
      fc.property(fc.constantFrom(...frames), fc.uint8Array({ maxLength: 6 }), ([before, after], bytes) => {
        const text = Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)]);
        expect(verdict(text) === 'ok').toBe(plainReading(text).verdicts.has('ok'));
      }),
      { numRuns: 6000 },
    );
  });

  test('says the same of every pair of bytes in a string', () => {
    const text = Buffer.from('{"model":"xx"}');
    const wrong: string[] = [];
    for (let pair = 0; pair < 0x10000; pair += 1) {
      text.writeUInt16BE(pair, 10);
      if ((verdict(text) === 'ok') !== plainReading(text).verdicts.has('ok')) wrong.push(pair.toString(16));
    }
    expect(wrong).toEqual([]);
  });

  test('reads the values that JSON.parse reads', () => {
    fc.assert(
      fc.property(body, (bytes) => {
        const found = peek(bytes, fields);
        if (!found.ok) return;
        const { text, entries } = plainReading(bytes);
        const parsed = new Map(Object.entries(JSON.parse(text) as object));
        for (const name of NAMES) expect(found.top.value(name)).toEqual(parsed.get(name));
        expect(found.top.fieldCount).toBe(entries.length);
      }),
      { numRuns: 1500 },
    );
  });

  test('holds for texts long and short, wherever their odd byte stands', () => {
    const megabytes = 2 << 20;
    const places = [0, 1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 17, 24, 197].map((back) => [200, back] as const);
    for (const odd of ['', '"', '\n', '\\n', 'é', '😀', '\u007f']) {
      for (const [size, back] of [...places, [megabytes, 0] as const, [megabytes, megabytes - 3] as const]) {
        const long = 'x'.repeat(size - back) + odd + 'x'.repeat(back);
        const text = Buffer.from(`{"messages":["${long}"],"model":"m"}`);
        expect(verdict(text) === 'ok').toBe(plainReading(text).verdicts.has('ok'));
      }
    }
  });
});

describe('splice against a plain edit', () => {
  const names = fc.uniqueArray(fc.constantFrom(...NAMES));
  const set = fc.uniqueArray(fc.tuple(fc.constantFrom(...NAMES), scalar), { selector: ([name]) => name });

  test('changes what it was told, and leaves every other key and value as it was written', () => {
    fc.assert(
      fc.property(body, names, set, (bytes, remove, changes) => {
        const found = peek(bytes, fields);
        if (!found.ok) return;
        const result = Buffer.from(splice(found.top, { set: new Map(changes), remove }));
        const after = plainReading(result);
        expect(after.verdicts).not.toContain('invalid_json');
        expect(after.entries).toEqual(plainEdit(plainReading(bytes).entries, new Map(changes), remove));
      }),
      { numRuns: 3000 },
    );
  });
});

function plainEdit(
  entries: PlainBody['entries'],
  set: ReadonlyMap<string, string>,
  remove: readonly string[],
): (readonly [string, string])[] {
  const nameOf = (written: string): string => JSON.parse(written) as string;
  const kept = entries.filter(([written]) => set.has(nameOf(written)) || !remove.includes(nameOf(written)));
  const replaced = kept.map(([written, old]) => [written, set.get(nameOf(written)) ?? old] as const);
  const present = new Set(entries.map(([written]) => nameOf(written)));
  const added = [...set].filter(([name]) => !present.has(name)).map(([name, text]) => [`"${name}"`, text] as const);
  return [...replaced, ...added];
}
