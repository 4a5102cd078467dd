import { InvalidArgumentError } from 'commander';
import { expect, test } from 'vitest';

import { collectList, collectOne, collectScopedTags, policyOf, readSeed, type ExplainFlags } from './flags.ts';

const FLAGS: ExplainFlags = { model: 'gpt-4', onUnpermittedTag: 'reject', seed: 1 };

test.each([
  ['free', undefined, ['free']],
  ['a,b', undefined, ['a', 'b']],
  ['c', ['a', 'b'], ['a', 'b', 'c']],
  ['', undefined, []],
  ['a,, ,b', undefined, ['a', 'b']],
])('a list %j after %j', (text, before, list) => {
  expect(collectList(text, before)).toEqual(list);
});

test('a value with commas stays one value where the flag takes one', () => {
  expect(collectOne('a,b', ['c'])).toEqual(['c', 'a,b']);
});

test('policy tags gather by scope', () => {
  const team = collectScopedTags('team=a,b');
  expect(collectScopedTags('team=!c', collectScopedTags('key=x=y', team))).toEqual({
    team: ['a', 'b', '!c'],
    key: ['x=y'],
  });
});

test.each(['teamA', 'user=a', '__proto__=a', '=a'])('policy tags without a scope: %s', (text) => {
  expect(() => collectScopedTags(text)).toThrow(InvalidArgumentError);
});

test.each(['-1', '1.5', 'x', '', '4294967296'])('no seed: %j', (text) => {
  expect(() => readSeed(text)).toThrow(InvalidArgumentError);
});

test.each([
  ['nothing given: the master key', {}, true],
  ['a virtual key', { virtualKey: true }, false],
  ['an empty list of allowed tags', { allowedTags: [] }, false],
  ['policy tags alone', { policyTags: { team: ['a'] } }, true],
])('%s', (_, flags, master) => {
  expect(policyOf({ ...FLAGS, ...flags }).master).toBe(master);
});

test('the policy carries what the flags say', () => {
  const flags: ExplainFlags = {
    ...FLAGS,
    policyTags: { team: ['a'] },
    allowedTags: ['b*'],
    onUnpermittedTag: 'ignore',
    enableTagFiltering: true,
  };
  expect(policyOf(flags)).toEqual({
    master: false,
    policyTags: { team: ['a'] },
    allowedTags: ['b*'],
    onUnpermittedTag: 'ignore',
    enableTagFiltering: true,
  });
});
