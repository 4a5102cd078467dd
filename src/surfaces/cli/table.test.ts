import { expect, test } from 'vitest';

import { renderTable } from './table.ts';

test.each([
  ['no rows', [], {}, ''],
  ['one column', [['a'], ['bb']], {}, 'a\nbb\n'],
  [
    'columns line up',
    [
      ['a', 'x'],
      ['long', 'y'],
    ],
    {},
    'a     x\nlong  y\n',
  ],
  ['a missing cell', [['a'], ['b', 'c']], {}, 'a\nb  c\n'],
  ['indent', [['a', 'b']], { indent: 2 }, '  a  b\n'],
  [
    'styles take no room',
    [
      ['\u001b[1mab\u001b[22m', 'x'],
      ['abc', 'y'],
    ],
    {},
    '\u001b[1mab\u001b[22m   x\nabc  y\n',
  ],
  [
    'characters beyond the basic plane count once',
    [
      ['\u{1F600}', 'x'],
      ['ab', 'y'],
    ],
    {},
    '\u{1F600}   x\nab  y\n',
  ],
  [
    'the last column wraps and lines up',
    [['id', 'one two three four five six seven']],
    { width: 28 },
    'id  one two three four five\n    six seven\n',
  ],
  [
    'a long word stays whole',
    [['id', `short ${'x'.repeat(40)} end`]],
    { width: 30 },
    `id  short\n    ${'x'.repeat(40)}\n    end\n`,
  ],
  ['line breaks are kept', [['id', 'one\ntwo']], {}, 'id  one\n    two\n'],
])('%s', (_, rows, options, text) => {
  expect(renderTable(rows, options)).toBe(text);
});
