import { expect, test } from 'vitest';

import { decodeHeader, headerText } from './header-text.ts';

test.each([
  ['gpt-4', 'gpt-4'],
  ['a\r\nset-cookie: x', 'a%0D%0Aset-cookie: x'],
  ['grün', 'gr%C3%BCn'],
  ['\ud800', '%EF%BF%BD'],
  ['x'.repeat(300), 'x'.repeat(256)],
])('%j becomes the header text %j', (text, wanted) => {
  expect(headerText(text)).toBe(wanted);
});

test.each([
  ['plain', 'plain'],
  [Buffer.from('grün', 'utf8').toString('latin1'), 'grün'],
  ['gr\u00fcn', 'grün'],
  ['\u00ff\u00fe', 'ÿþ'],
])('the header bytes %j decode to %j', (value, wanted) => {
  expect(decodeHeader(value)).toBe(wanted);
});
