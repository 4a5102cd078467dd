import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isDuration, momentAfter } from './duration.ts';
import { customKeyProblem, describeKey, mintKey } from './mint.ts';
import { coversModels, modelAccess } from './model-access.ts';
import { tokenOf } from './principal-of.ts';
import { makeSealer, SealError } from './seal.ts';

describe('momentAfter', () => {
  const from = Date.UTC(2024, 0, 31, 12);
  it.each([
    ['30s', from + 30_000],
    ['30m', from + 1_800_000],
    ['24h', from + 86_400_000],
    ['7d', from + 7 * 86_400_000],
    ['2w', from + 14 * 86_400_000],
    ['1mo', Date.UTC(2024, 1, 29, 12)],
    ['13mo', Date.UTC(2025, 1, 28, 12)],
    ['-1', null],
    ['none', null],
    ['', null],
    ['30', undefined],
    ['30min', undefined],
    ['1.5h', undefined],
    ['-5d', undefined],
    ['999999999mo', undefined],
  ])('of %s', (duration, wanted) => {
    expect(momentAfter(from, duration)).toBe(wanted);
    expect(isDuration(duration)).toBe(wanted !== undefined);
  });
});

describe('keys', () => {
  it('are sk- and 32 random bytes, stored as their SHA-256', () => {
    const minted = mintKey(randomBytes);
    expect(minted.key).toMatch(/^sk-[A-Za-z0-9_-]{43}$/);
    expect(minted.token).toBe(tokenOf(minted.key));
    expect(minted.keyName).toBe(`sk-...${minted.key.slice(-4)}`);
    expect(mintKey(randomBytes).key).not.toBe(minted.key);
  });

  it('hash as LiteLLM stores them', () => {
    expect(describeKey('sk-1234').token).toBe('88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b');
  });

  it.each([
    ['pk-0123456789abcdef', /starts with sk-/],
    ['sk-short', /at least 16/],
    ['sk-0123456789 abcdef', /visible ASCII/],
    ['sk-0123456789\u00e9abcdef', /visible ASCII/],
  ])('%s is refused', (key, wanted) => {
    expect(customKeyProblem(key)).toMatch(wanted);
  });

  it('that somebody brings along may be anything else', () => {
    expect(customKeyProblem('sk-0123456789abcdef')).toBeUndefined();
  });
});

describe('makeSealer', () => {
  const sealer = makeSealer('a salt key', randomBytes);

  it('opens what it sealed, in the same row only', () => {
    const sealed = sealer.seal('{"api_key":"sk-\u00fc"}', 'row-1');
    expect(sealed).not.toContain('api_key');
    expect(sealer.open(sealed, 'row-1')).toBe('{"api_key":"sk-\u00fc"}');
    expect(() => sealer.open(sealed, 'row-2')).toThrow(SealError);
    expect(() => makeSealer('another', randomBytes).open(sealed, 'row-1')).toThrow(SealError);
    expect(() => sealer.open(`${sealed.slice(0, -4)}AAAA`, 'row-1')).toThrow(SealError);
    expect(() => sealer.open('v1:', 'row-1')).toThrow(SealError);
    expect(() => sealer.open('nonsense', 'row-1')).toThrow(SealError);
  });

  it('never seals the same text alike', () => {
    expect(sealer.seal('x', 'r')).not.toBe(sealer.seal('x', 'r'));
  });
});

describe('modelAccess', () => {
  const groups = new Map([['beta', new Set(['gpt-5'])]]);
  it.each<[string, string[][], string, boolean]>([
    ['no list allows all', [[], []], 'gpt-4', true],
    ['a name', [['gpt-4']], 'gpt-4', true],
    ['another name', [['gpt-4']], 'gpt-5', false],
    ['a wildcard', [['openai/*']], 'openai/gpt-4', true],
    ['an access group', [['beta']], 'gpt-5', true],
    ['every list must allow', [['gpt-4', 'gpt-5'], ['gpt-5']], 'gpt-4', false],
    ['all-team-models defers to the team', [['all-team-models'], ['gpt-5']], 'gpt-4', false],
    ['all-team-models within the team', [['all-team-models'], ['gpt-5']], 'gpt-5', true],
    ['no-default-models allows nothing', [['no-default-models']], 'gpt-4', false],
    ['names are not patterns', [['gpt.4']], 'gpt-4', false],
    ['prototype names are names', [['gpt-4']], 'constructor', false],
  ])('%s', (_, lists, group, wanted) => {
    expect(modelAccess(lists).allows({ requested: group, group }, groups)).toBe(wanted);
  });

  it('looks at the group alone where a deployment id was asked for', () => {
    const access = modelAccess([['openai/*']]);
    expect(access.allows({ requested: undefined, group: 'secret' }, groups)).toBe(false);
  });

  it.each<[string[][], string[][], boolean]>([
    [[], [], true],
    [[], [['a']], true],
    [[['a', 'b']], [['a']], true],
    [[['a']], [], false],
    [[['a']], [['a', 'b']], false],
    [[['openai/*']], [['openai/gpt-4*']], true],
    [[['openai/gpt-4*']], [['openai/*']], false],
    [[['a'], ['b', 'a']], [['a']], true],
    [[['a'], ['b']], [['a']], false],
    [[['a']], [['no-default-models']], true],
    [[['all-team-models'], ['a']], [['a']], true],
  ])('%j covers %j: %s', (granter, next, wanted) => {
    expect(coversModels(modelAccess(granter), modelAccess(next))).toBe(wanted);
  });
});
