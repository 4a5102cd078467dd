import { describe, expect, test } from 'vitest';
import { compileFieldSet } from './field-set.ts';
import { peek } from './peek.ts';
import { splice } from './splice.ts';

const fields = compileFieldSet(['model', 'tags', 'stream', 'user']);

interface Edits {
  readonly set?: Record<string, string>;
  readonly remove?: readonly string[];
}

function edited(body: string | Uint8Array, edits: Edits): string {
  const found = peek(typeof body === 'string' ? Buffer.from(body) : body, fields);
  if (!found.ok) throw new Error(found.problem.reason);
  const set = new Map(Object.entries(edits.set ?? {}));
  return Buffer.from(splice(found.top, { set, remove: edits.remove ?? [] })).toString();
}

describe('splice', () => {
  test.each<[string, string, Edits, string]>([
    ['replaces a value', '{"model":"a","n":1}', { set: { model: '"b"' } }, '{"model":"b","n":1}'],
    ['keeps white space', ' {\n\t"model" :\r"a" } \n', { set: { model: '1' } }, ' {\n\t"model" :\r1 } \n'],
    ['takes the first', '{ "tags":[1] , "x":1}', { remove: ['tags'] }, '{ "x":1}'],
    ['takes one between', '{"x":1, "tags":[1], "y":2}', { remove: ['tags'] }, '{"x":1, "y":2}'],
    ['takes the last', '{"x":1 ,\n "tags":[1] }', { remove: ['tags'] }, '{"x":1  }'],
    ['takes the only one', '{ "tags" : [1] }', { remove: ['tags'] }, '{  }'],
    ['takes a run at the end', '{"x":1,"tags":2,"user":3}', { remove: ['user', 'tags'] }, '{"x":1}'],
    ['takes a run at the start', '{"user":3,"tags":2,"x":1}', { remove: ['tags', 'user'] }, '{"x":1}'],
    ['takes all', '{"user":3, "tags":2}', { remove: ['tags', 'user', 'model'] }, '{}'],
    ['takes two apart', '{"user":3,"x":1,"tags":2}', { remove: ['tags', 'user'] }, '{"x":1}'],
    ['takes what is named twice once', '{"user":3,"x":1}', { remove: ['user', 'user'] }, '{"x":1}'],
    ['takes nothing that is absent', '{"x":1}', { remove: ['user'] }, '{"x":1}'],
    ['adds a field', '{"x":1 }', { set: { stream: 'true' } }, '{"x":1,"stream":true }'],
    ['adds to an empty object', '{ }', { set: { stream: 'true', user: 'null' } }, '{"stream":true,"user":null }'],
    ['adds where all was taken', '{"tags":1}', { remove: ['tags'], set: { user: '1' } }, '{"user":1}'],
    ['adds where the last was taken', '{"x":0,"tags":1}', { remove: ['tags'], set: { user: '1' } }, '{"x":0,"user":1}'],
    [
      'replaces, takes and adds at once',
      '{"tags":1,"model":"a","user":2}',
      { remove: ['tags', 'user'], set: { model: '"b"', stream: 'true' } },
      '{"model":"b","stream":true}',
    ],
    ['sets what is set and taken', '{"user":1,"x":2}', { remove: ['user'], set: { user: '3' } }, '{"user":3,"x":2}'],
    ['changes a key in escapes', '{"\\u006dodel":"a"}', { set: { model: '"b"' } }, '{"\\u006dodel":"b"}'],
    [
      'keeps big numbers',
      '{"seed":9007199254740993,"model":1}',
      { set: { model: '2' } },
      '{"seed":9007199254740993,"model":2}',
    ],
    ['keeps unknown twins', '{"z":1,"z":2,"model":1}', { set: { model: '2' } }, '{"z":1,"z":2,"model":2}'],
    ['keeps surrogates', '{"x":"\\ud800","model":1}', { set: { model: '2' } }, '{"x":"\\ud800","model":2}'],
    ['writes beyond ASCII', '{"model":"é"}', { set: { model: '"日本"' } }, '{"model":"日本"}'],
    ['drops the byte order mark', '\ufeff{"model":1}', { set: { model: '2' } }, '{"model":2}'],
  ])('%s', (_, body, edits, wanted) => {
    expect(edited(body, edits)).toBe(wanted);
  });

  test('answers the same bytes when nothing changes', () => {
    const body = Buffer.from('{"model":"a"}');
    const found = peek(body, fields);
    expect(found.ok && splice(found.top, { remove: ['tags'] })).toBe(body);
  });

  test('never touches the bytes that it was given', () => {
    const body = Buffer.from('{"model":"a","tags":[]}');
    const before = body.toString();
    edited(body, { set: { model: '"longer"' }, remove: ['tags'] });
    expect(body.toString()).toBe(before);
  });

  test('refuses names outside the field set: they would be added a second time', () => {
    expect(() => edited('{"n":1}', { set: { n: '2' } })).toThrow(RangeError);
    expect(() => edited('{"n":1}', { remove: ['n'] })).toThrow(RangeError);
  });
});
