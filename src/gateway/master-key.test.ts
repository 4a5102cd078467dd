import { expect, test } from 'vitest';

import { isWeakMasterKey } from './master-key.ts';

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
