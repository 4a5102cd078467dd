import { describe, expect, test } from 'vitest';
import { forbiddenIn } from './forbidden-texts.ts';
import { functionLengths, quantile } from './norms.ts';

/** Takes the bars out, so that this table of forbidden texts is not found by the check itself. */
function whole(text: string): string {
  return text.replaceAll('|', '');
}

const FOUND: readonly (readonly [file: string, line: string])[] = [
  ['docs/a.md', 'cd /t|mp/somewhere'],
  ['docs/a.md', 'cd /ro|ot/somewhere'],
  ['docs/a.md', 'cd /wo|rk/somewhere'],
  ['docs/a.md', 'cd /ho|me/user/somewhere'],
  ['package-lock.json', '"resolved": "x"'],
  ['README.md', 'see registry.npm|js.org'],
  ['src/a.ts', '// TO|DO later'],
  ['src/a.test.ts', "test.on|ly('x')"],
  ['src/a.test.ts', "describe.sk|ip('x')"],
  ['src/a.test.ts', "test.concurrent.sk|ip('x')"],
  ['src/a.ts', '// @ts-ign|ore'],
  ['.ci/run', '# FIX|ME'],
];

const LEFT_ALONE: readonly (readonly [file: string, line: string])[] = [
  ['src/a.ts', 'const url = "/v1/work/items";'],
  ['src/a.ts', "path.join(os.tmpdir(), 'x')"],
  ['src/a.ts', 'import x from "../root/x.ts"'],
  ['src/a.test.ts', "test('only one')"],
  ['src/a.ts', 'a.skip();'],
  ['src/a.test.ts', "const cwd = '/ho|me/someone';"],
  ['logo.png', '/t|mp/x'],
];

describe('forbidden texts', () => {
  test.each(FOUND)('%s: %s', (file, line) => {
    expect(forbiddenIn(file, `first\n${whole(line)}\n`)).toEqual([expect.stringContaining(`${file}:2: `)]);
  });

  test.each(LEFT_ALONE)('leaves %s alone: %s', (file, line) => {
    expect(forbiddenIn(file, whole(line))).toEqual([]);
  });
});

describe('norms', () => {
  test('counts named functions and methods, and callbacks with what holds them', () => {
    const text = [
      'export function three() {',
      '  return [1].map((x) => x);',
      '}',
      'const one = () => 1;',
      'class A {',
      '  two() {',
      '  }',
      '}',
      'const table = { four: function () {',
      '  //',
      '  //',
      '} };',
    ].join('\n');
    expect(functionLengths('a.ts', text)).toEqual([3, 1, 2, 4]);
  });

  test.each([
    [[], 0.5, 0],
    [[5], 0.9, 5],
    [[3, 1, 2], 0.5, 2],
    [[1, 2, 3, 4], 0.5, 2],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9, 9],
  ])('quantile of %j at %d is %d', (values, share, wanted) => {
    expect(quantile(values, share)).toBe(wanted);
  });
});
