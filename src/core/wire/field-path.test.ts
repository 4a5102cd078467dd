import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFieldPath, withoutPaths } from './field-path.ts';

function without(json: string, ...paths: readonly string[]): string {
  return withoutPaths(
    json,
    paths.map((path) => parseFieldPath(`f${path}`)?.steps ?? []),
  );
}

describe('parseFieldPath', () => {
  it.each([
    ['logit_bias', 'logit_bias', []],
    ['metadata.user', 'metadata', [{ kind: 'key', key: 'user' }]],
    [
      'tools[*].function.strict',
      'tools',
      [{ kind: 'every' }, { kind: 'key', key: 'function' }, { kind: 'key', key: 'strict' }],
    ],
    ['tools[0]', 'tools', [{ kind: 'index', index: 0 }]],
    ['a[1][*]', 'a', [{ kind: 'index', index: 1 }, { kind: 'every' }]],
    ['metadata.Größe x', 'metadata', [{ kind: 'key', key: 'Größe x' }]],
    ['metadata.__proto__', 'metadata', [{ kind: 'key', key: '__proto__' }]],
  ])('reads %s', (text, field, steps) => {
    expect(parseFieldPath(text)).toEqual({ field, steps });
  });

  it.each([
    '',
    '.a',
    '[0]',
    'a.',
    'a..b',
    'a[',
    'a[]',
    'a[-1]',
    'a[x]',
    'a[1',
    'a]',
    'Upper',
    'a b',
    'a[1234567]',
    `a${'.b'.repeat(17)}`,
    'a'.repeat(257),
  ])('reads nothing in %j', (text) => {
    expect(parseFieldPath(text)).toBeUndefined();
  });
});

describe('withoutPaths', () => {
  it.each<[string, string, string[], string]>([
    ['a key', '{"a":1,"b":2}', ['.a'], '{"b":2}'],
    ['a key in every item', '[{"f":{"s":true,"n":1}},{"f":{}},7,null]', ['[*].f.s'], '[{"f":{"n":1}},{"f":{}},7,null]'],
    ['one item', '[1,2,3]', ['[1]'], '[1,3]'],
    ['every item', '[1,2,3]', ['[*]'], '[]'],
    ['two paths', '{"a":{"b":1,"c":2}}', ['.a.b', '.a.c'], '{"a":{}}'],
    ['an own key called __proto__', '{"__proto__":1,"b":2}', ['.__proto__'], '{"b":2}'],
    [
      'numbers as they were written',
      '{"a":1,"n":12345678901234567890,"x":1.0,"y":-0}',
      ['.a'],
      '{"n":12345678901234567890,"x":1.0,"y":-0}',
    ],
    ['a key that is not there', '{ "a" : 1.0 }', ['.b'], '{ "a" : 1.0 }'],
    ['a key of a list', '[ 1 ]', ['.length'], '[ 1 ]'],
    ['an index of an object', '{ "0":1 }', ['[0]'], '{ "0":1 }'],
    ['an index past the end', '[ 1 ]', ['[1]'], '[ 1 ]'],
    ['an inherited key', '{ "a":1 }', ['.toString'], '{ "a":1 }'],
    ['a text', '"a"', ['.a'], '"a"'],
  ])('takes out %s', (_name, json, paths, expected) => {
    expect(without(json, ...paths)).toBe(expected);
  });

  it('leaves every value as it is where paths lead nowhere', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(without(json, '.not.there', '[99999].x')).toBe(json);
      }),
      { numRuns: 200 },
    );
  });

  it('changes nothing but the key taken out', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (rest, taken) => {
        const kept = { ...rest };
        delete kept['gone'];
        expect(JSON.parse(without(JSON.stringify({ ...kept, gone: taken }), '.gone'))).toEqual(
          JSON.parse(JSON.stringify(kept)),
        );
      }),
      { numRuns: 200 },
    );
  });
});
