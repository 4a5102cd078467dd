import { expect, test } from 'vitest';

import { isWeakMasterKey, MasterKeyCheck } from './master-key.ts';

test.each([
  [undefined, true],
  ['', true],
  ['sk-1234', true],
  ['123456789012345', true],
  ['sk-1234567890abcdef', true],
  ['1234567890123456', false],
  ['sk-cap-0123456789abcdefghij', false],
])('the master key %j is weak: %j', (key, weak) => {
  expect(isWeakMasterKey(key)).toBe(weak);
});

test.each([
  ['sk-cap-0123456789abcdefghij', 'sk-cap-0123456789abcdefghij', true],
  ['sk-cap-0123456789abcdefghij', 'sk-cap-0123456789abcdefghi', false],
  ['sk-cap-0123456789abcdefghij', 'sk-cap-0123456789abcdefghij\0', false],
  ['sk-cap-0123456789abcdefghij', '', false],
  ['sk-cap-0123456789abcdefghij', 'x'.repeat(5_000), false],
  ['schlüssel-der-lang-ist', Buffer.from('schlüssel-der-lang-ist', 'utf8').toString('latin1'), true],
  ['y'.repeat(2_000), 'y'.repeat(2_000), true],
  ['y'.repeat(2_000), 'y'.repeat(1_999), false],
])('the master key %j and the key %j match: %j', (master, key, matches) => {
  const check = new MasterKeyCheck(master);
  check.matches('something else, and longer than the key itself');
  expect(check.matches(key)).toBe(matches);
});
