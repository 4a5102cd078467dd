import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { KeyDigests } from './key-digests.ts';

const sha256 = (key: string): string => createHash('sha256').update(Buffer.from(key, 'latin1')).digest('hex');

test.each(['sk-a', 'sk-b', `sk-${'a'.repeat(300)}`, `sk-${'a'.repeat(299)}b`, 'sk-\u00e4', 'sk-\u00c3\u00a4', ''])(
  'the digest of %j is of its bytes, remembered or not',
  (key) => {
    const digests = new KeyDigests();
    for (const other of ['sk-a', 'sk-b', `${key}x`, key.slice(0, -1)]) digests.remember(other, sha256(other));
    expect(digests.of(key)).toBe(sha256(key));
    digests.remember(key, sha256(key));
    expect(digests.of(key)).toBe(sha256(key));
  },
);

test('a remembered digest is not worked out again', () => {
  const digests = new KeyDigests();
  digests.remember('sk-a', 'as remembered');
  expect(digests.of('sk-a')).toBe('as remembered');
  for (let other = 0; other < 10_000; other += 1) digests.remember(`sk-${other}`, 'other');
  expect(digests.of('sk-a')).toBe(sha256('sk-a'));
});
