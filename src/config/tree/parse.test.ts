import { describe, expect, it } from 'vitest';
import { Findings } from '../findings.ts';
import { type ConfigNode, toJson } from './node.ts';
import { parseTree } from './parse.ts';

function parse(text: string): { tree: ConfigNode | undefined; codes: string[] } {
  const findings = new Findings();
  const tree = parseTree(text, 'x.yaml', findings);
  return { tree, codes: findings.problems.map((problem) => problem.code) };
}

function json(text: string): unknown {
  const { tree } = parse(text);
  return tree === undefined ? undefined : JSON.parse(JSON.stringify(toJson(tree)));
}

describe('scalars, as PyYAML reads them', () => {
  it.each<[string, unknown]>([
    ['yes', true],
    ['Off', false],
    ['y', 'y'],
    ['N', 'N'],
    ['"yes"', 'yes'],
    ['~', null],
    ['', null],
    ['null', null],
    ['017', 15],
    ['0x1F', 31],
    ['08', '08'],
    ['1_000', 1000],
    ['1:30', 90],
    ['3.0e-07', 3e-7],
    ['1e3', '1e3'],
    ['1.5e3', '1.5e3'],
    ['.5', 0.5],
    ['2024-12-01', '2024-12-01'],
    ['2024-12-01-preview', '2024-12-01-preview'],
    ['2001-12-14t21:59:43.10-05:00', '2001-12-14t21:59:43.10-05:00'],
    ['gemma4:e2b', 'gemma4:e2b'],
    ['.*:\\d+[bB]$', '.*:\\d+[bB]$'],
    ['< 8B', '< 8B'],
    ['!!str 5', '5'],
    ['!!binary aGk=', 'aGk='],
    ['claude-opus-4-7[1m]', 'claude-opus-4-7[1m]'],
  ])('%s', (text, expected) => {
    expect(json(`key: ${text}\n`)).toEqual({ key: expected });
  });
});

describe('merges', () => {
  it.each<[string, string, unknown]>([
    ['keys of the map itself win', 'a: &a {x: 1, y: 2}\nb:\n  x: 3\n  <<: *a', { x: 3, y: 2 }],
    ['the earlier of a list wins', 'a: &a {x: 1}\nc: &c {x: 2, z: 3}\nb: {<<: [*a, *c]}', { x: 1, z: 3 }],
    ['merges of merges', 'a: &a {x: 1}\nc: &c {<<: *a, y: 2}\nb: {<<: *c, z: 3}', { x: 1, y: 2, z: 3 }],
    ['a quoted << is a key', 'b: {"<<": 1}', { '<<': 1 }],
    ['a map written in place', 'b: {<<: {x: 1}, y: 2}', { x: 1, y: 2 }],
  ])('%s', (_name, text, expected) => {
    expect((json(text) as { b: unknown }).b).toEqual(expected);
    expect(parse(text).codes).toEqual([]);
  });

  it('keeps the place where a merged key was written', () => {
    const { tree } = parse('a: &a\n  x: 1\nb:\n  <<: *a\n');
    const b = tree?.kind === 'map' ? tree.entries.get('b')?.value : undefined;
    expect(b?.kind === 'map' && b.entries.get('x')?.keyAt).toEqual({ file: 'x.yaml', line: 2, column: 3 });
  });
});

describe('what cannot be used', () => {
  it.each<[string, string, string]>([
    ['a tab', 'a:\n\tb: 1', 'invalid-yaml'],
    ['a map as a key', '? {a: 1}\n: 2', 'invalid-yaml'],
    ['an unknown alias', 'a: *nobody', 'invalid-yaml'],
    ['an alias inside itself', 'a: &a [*a]', 'invalid-yaml'],
    ['a merge of a text', 'a: {<<: text}', 'invalid-yaml'],
    ['two documents', 'a: 1\n---\nb: 2', 'invalid-yaml'],
    ['an open bracket', 'a: [1, 2', 'invalid-yaml'],
    ['a thousand levels', '['.repeat(1000) + ']'.repeat(1000), 'invalid-yaml'],
    ['ten thousand levels', '['.repeat(10_000), 'invalid-yaml'],
    ['aliases that multiply', bomb(12), 'invalid-yaml'],
  ])('%s', (_name, text, code) => {
    const { tree, codes } = parse(text);
    expect(tree).toBeUndefined();
    expect(codes).toContain(code);
  });

  it('keeps the last of two equal keys and reports the second', () => {
    expect(json('a: 1\na: 2')).toEqual({ a: 2 });
    expect(parse('a: 1\na: 2').codes).toEqual(['duplicate-key']);
  });
});

describe('what people write', () => {
  it.each<[string, string, unknown]>([
    ['CRLF and no final newline', 'a:\r\n- 1\r\n- 2', { a: [1, 2] }],
    ['comments at column 0 inside a list', 'a:\n  - 1\n# here\n  - 2\n', { a: [1, 2] }],
    ['a flow list on the next line with a trailing comma', 'a:\n  [1,\n  2,\n  ]\n', { a: [1, 2] }],
    ['a flow list that closes at column 0', 'a: [\n  1\n]\n', { a: [1] }],
    [
      'unquoted URLs in a flow map',
      'a: {b: http://x:1/y, c: gemma4:e2b}',
      { a: { b: 'http://x:1/y', c: 'gemma4:e2b' } },
    ],
    ['a byte order mark', '\uFEFFa: 1', { a: 1 }],
    ['keys that are no text', '1: a\ntrue: b\nnull: c', { 1: 'a', true: 'b', null: 'c' }],
    ['a key named __proto__', '__proto__: {x: 1}', JSON.parse('{"__proto__": {"x": 1}}')],
  ])('%s', (_name, text, expected) => {
    expect(json(text)).toEqual(expected);
    expect(parse(text).codes).toEqual([]);
  });
});

function bomb(levels: number): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < levels; level += 1) {
    lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`);
  }
  return lines.join('\n');
}
