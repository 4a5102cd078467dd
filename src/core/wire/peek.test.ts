import { describe, expect, test } from 'vitest';
import type { BodyProblem, TopLevel } from './contract.ts';
import { compileFieldSet } from './field-set.ts';
import { peek } from './peek.ts';

const fields = compileFieldSet(['model', 'tags', 'stream', 'user', 'api_base']);

function walked(body: string | Uint8Array): TopLevel {
  const found = peek(typeof body === 'string' ? Buffer.from(body) : body, fields);
  if (!found.ok) throw new Error(`${found.problem.reason} at ${found.problem.offset}`);
  return found.top;
}

function refused(body: string | Uint8Array): BodyProblem {
  const found = peek(typeof body === 'string' ? Buffer.from(body) : body, fields);
  if (found.ok) throw new Error('the body was taken');
  return found.problem;
}

function nested(levels: number, open: string, close: string): string {
  return `{"x":${open.repeat(levels - 1)}${close.repeat(levels - 1)}}`;
}

describe('peek', () => {
  test('finds wanted fields wherever they stand, and only at the top', () => {
    const top = walked('{"messages":[{"model":"nested","user":"no"}],"tags":["a","b"],"n":1e3, "model" : "gpt-4" }');
    expect(top.value('model')).toBe('gpt-4');
    expect(top.value('tags')).toEqual(['a', 'b']);
    expect(top.has('user')).toBe(false);
    expect(top.value('user')).toBeUndefined();
    expect(top.present()).toEqual(['model', 'tags']);
    expect(top.fieldCount).toBe(4);
    expect(top.empty).toBe(false);
  });

  test('gives spans that cut out key and value', () => {
    const text = '{"n":1, "model" : {"a":[1,{}]} ,"z":2}';
    const span = walked(text).span('model');
    expect(span).toEqual({ keyStart: 8, valueStart: 18, valueEnd: 30 });
    expect(text.slice(span?.valueStart, span?.valueEnd)).toBe('{"a":[1,{}]}');
  });

  test('parses a value once', () => {
    const top = walked('{"tags":["a"],"user":null}');
    expect(top.value('tags')).toBe(top.value('tags'));
    expect(top.value('user')).toBeNull();
    expect(top.has('user')).toBe(true);
  });

  test.each(['{}', ' \t\r\n{ \n} '])('takes an empty object: %j', (body) => {
    expect(walked(body)).toMatchObject({ empty: true, fieldCount: 0 });
  });

  test.each(['\\u006dodel', 'm\\u006fde\\u006C', '\\u006d\\u006f\\u0064\\u0065\\u006c'])('reads the key %s', (key) => {
    expect(walked(`{"${key}":"x"}`).value('model')).toBe('x');
    expect(refused(`{"${key}":"x","model":"y"}`)).toMatchObject({ code: 'duplicate_field', field: 'model' });
  });

  test('takes a byte order mark once, and counts offsets of problems from the start of what was sent', () => {
    expect(walked('\ufeff{"model":1}').span('model')?.keyStart).toBe(1);
    expect(refused('\ufeff{"model":}')).toMatchObject({ code: 'invalid_json', offset: 12 });
    expect(refused('\ufeff\ufeff{}').code).toBe('invalid_json');
    expect(refused('{"a":1}\ufeff').code).toBe('invalid_json');
  });

  test('throws for a name outside the field set', () => {
    expect(() => walked('{"n":1}').has('n')).toThrow(RangeError);
  });

  test('answers for wanted names that objects have by nature', () => {
    const set = compileFieldSet(['constructor', '__proto__']);
    const found = peek(Buffer.from('{"__proto__":{"a":1}}'), set);
    expect(found.ok && found.top.has('constructor')).toBe(false);
    expect(found.ok && found.top.value('__proto__')).toEqual({ a: 1 });
  });

  test.each<[string, string, string]>([
    ['a wanted field twice', '{"model":"a","model":"b"}', 'model'],
    ['the same value twice', '{"model":"a","n":1,"model":"a"}', 'model'],
    ['capitals beside it', '{"model":"a","Model":"b"}', 'model'],
    ['capitals before it', '{"API_BASE":"a","api_base":"b"}', 'api_base'],
    ['capitals in escapes', '{"model":"a","\\u004dodel":"b"}', 'model'],
    ['a long s, which Go folds', '{"user":"a","u\u017fer":"b"}', 'user'],
  ])('refuses %s', (_, body, field) => {
    expect(refused(body)).toMatchObject({ code: 'duplicate_field', field });
  });

  test('leaves alone a key in capitals when the field itself is absent', () => {
    expect(walked('{"Model":"b","MODEL":"c"}').has('model')).toBe(false);
  });

  test.each([
    ['lists', '[', ']'],
    ['objects', '{"a":', '}'],
  ])('takes 256 levels of %s and not one more', (_, open, close) => {
    const inner = (levels: number): string => nested(levels, open, close).replace('{"a":}', '{}');
    expect(walked(inner(255)).fieldCount).toBe(1);
    expect(walked(inner(256)).fieldCount).toBe(1);
    expect(refused(inner(257)).code).toBe('nesting_too_deep');
    expect(refused(inner(100_000)).code).toBe('nesting_too_deep');
  });

  test.each(['[]', '[{"model":"a"}]', '"model"', '1', 'null', 'true', ' false '])('refuses %j: no object', (body) => {
    expect(refused(body).code).toBe('invalid_body');
  });

  test.each<[string, number, string]>([
    ['', 0, 'the body ends where a value is due'],
    ['{"a":1', 6, 'the body ends where a comma or a closing brace is due'],
    ['{"a":1 "b":2}', 7, 'expected a comma or a closing brace'],
    ['{"a":1,}', 7, 'expected a string'],
    ['{,"a":1}', 1, 'expected a string'],
    ['{a:1}', 1, 'expected a string'],
    ['{"a" 1}', 5, 'expected a colon'],
    ['{"a":[1,]}', 8, 'expected a value'],
    ['{"a":[1 2]}', 8, 'expected a comma or a closing bracket'],
    ['{"a":01}', 6, 'expected a comma or a closing brace'],
    ['{"a":-}', 6, 'expected a digit'],
    ['{"a":1.}', 7, 'expected a digit'],
    ['{"a":1e+}', 8, 'expected a digit'],
    ['{"a":+1}', 5, 'expected a value'],
    ['{"a":nul}', 5, 'expected a value'],
    ['{"a":NaN}', 5, 'expected a value'],
    ['{"a":"\\x41"}', 7, 'expected an escape that JSON knows'],
    ['{"a":"\\u00g0"}', 10, 'expected four hexadecimal digits'],
    ['{"a":"\n"}', 6, 'a control character stands unescaped in a string'],
    ['{"a":"b', 7, 'the body ends where a closing quote is due'],
    ['{} {}', 3, 'expected nothing behind the closing brace'],
    ['{}\u00a0', 2, 'expected nothing behind the closing brace'],
    ['[1', 2, 'the body ends where a comma or a closing bracket is due'],
  ])('says where %j stops being JSON', (body, offset, reason) => {
    expect(refused(body)).toEqual({ code: 'invalid_json', offset, reason });
  });

  test.each<[string, readonly number[]]>([
    ['a continuation alone', [0x80]],
    ['a lead alone', [0xc3]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['an overlong three', [0xe0, 0x9f, 0xbf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['an overlong four', [0xf0, 0x8f, 0xbf, 0xbf]],
    ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
    ['Latin-1', [0xe9, 0x21]],
    ['0xff', [0xff]],
  ])('refuses %s as UTF-8, in values and keys', (_, bytes) => {
    const value = Buffer.concat([Buffer.from('{"model":"'), Buffer.from(bytes), Buffer.from('"}')]);
    const key = Buffer.concat([Buffer.from('{"'), Buffer.from(bytes), Buffer.from('":1}')]);
    expect(refused(value)).toEqual({ code: 'invalid_json', offset: 10, reason: 'the bytes are not valid UTF-8' });
    expect(refused(key).reason).toBe('the bytes are not valid UTF-8');
  });

  test('never calls a cut body whole', () => {
    const whole = Buffer.from('{"model":"gpt-4","tags":["a",{"b":[-1.5e+3,true,null]}],"user":"\\u00e9 \\n 日本 😀"}');
    for (let length = 0; length < whole.length; length += 1) {
      expect(refused(whole.subarray(0, length)).code).toBe('invalid_json');
    }
    expect(walked(whole).value('user')).toBe('\u00e9 \n 日本 😀');
  });

  test('walks bodies that start anywhere in their buffer', () => {
    const text = `{"messages":[${JSON.stringify('long text '.repeat(40))}],"model":"m"}`;
    for (let shift = 0; shift < 9; shift += 1) {
      const buffer = new Uint8Array(text.length + shift + 3).fill(0x22);
      buffer.set(Buffer.from(text), shift);
      expect(walked(buffer.subarray(shift, shift + text.length)).value('model')).toBe('m');
    }
  });
});

describe('compileFieldSet', () => {
  test.each([[['a', 'a']], [['Model']], [['mödel']], [['']]])('refuses %j', (names) => {
    expect(() => compileFieldSet(names)).toThrow(RangeError);
  });
});
