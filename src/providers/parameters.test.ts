import { describe, expect, it } from 'vitest';
import { namesInRules, parameterFate, type ParameterChoice, type ParameterRules } from './parameters.ts';

const RULES: ParameterRules = {
  renamed: [['newer', 'older']],
  refused: [{ name: 'bad' }, { name: 'mostly_bad', harmless: [1] }],
  leftOut: ['idle'],
};

function choice(part: { drop?: boolean; dropped?: readonly string[]; allowed?: readonly string[] }): ParameterChoice {
  return {
    dropUnsupported: part.drop === true,
    dropped: new Set(part.dropped),
    allowed: new Set(part.allowed),
  };
}

describe('parameterFate', () => {
  it.each<[string, Parameters<typeof choice>[0], object]>([
    ['other', {}, { kind: 'pass' }],
    ['other', { drop: true }, { kind: 'pass' }],
    ['other', { dropped: ['other'] }, { kind: 'drop' }],
    ['bad', {}, { kind: 'refuse', harmless: undefined }],
    ['mostly_bad', {}, { kind: 'refuse', harmless: [1] }],
    ['bad', { drop: true }, { kind: 'drop' }],
    ['bad', { allowed: ['bad'] }, { kind: 'pass' }],
    ['bad', { allowed: ['bad'], drop: true }, { kind: 'pass' }],
    ['bad', { allowed: ['bad'], dropped: ['bad'] }, { kind: 'drop' }],
    ['idle', {}, { kind: 'drop' }],
    ['idle', { allowed: ['idle'] }, { kind: 'pass' }],
    ['newer', {}, { kind: 'rename', to: 'older' }],
    ['newer', { drop: true }, { kind: 'rename', to: 'older' }],
    ['newer', { allowed: ['newer'] }, { kind: 'pass' }],
    ['newer', { dropped: ['newer'] }, { kind: 'drop' }],
    ['older', { dropped: ['newer'] }, { kind: 'pass' }],
    ['toString', {}, { kind: 'pass' }],
  ])('%s with %j', (name, said, expected) => {
    expect(parameterFate(name, RULES, choice(said))).toEqual(expected);
  });

  it('passes everything where a provider has no rules', () => {
    expect(parameterFate('bad', undefined, choice({}))).toEqual({ kind: 'pass' });
    expect(parameterFate('bad', undefined, choice({ dropped: ['bad'] }))).toEqual({ kind: 'drop' });
  });
});

describe('namesInRules', () => {
  it('has every name, the new ones too', () => {
    expect(namesInRules({ chat: RULES })).toEqual(['newer', 'older', 'bad', 'mostly_bad', 'idle']);
    expect(namesInRules({})).toEqual([]);
  });
});
