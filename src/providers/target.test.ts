import { describe, expect, it } from 'vitest';
import { fillUpstreamModel } from './target.ts';

describe('fillUpstreamModel', () => {
  it.each([
    ['*', ['gpt-4o'], 'gpt-4o'],
    ['gpt-*', ['4o'], 'gpt-4o'],
    ['*/*', ['a', 'b'], 'a/b'],
    ['*-*', ['a'], 'a-a'],
    ['gpt-4o', ['x'], 'gpt-4o'],
    ['*', undefined, '*'],
    ['*', [], '*'],
    ['*', ['$&'], '$&'],
  ])('%s with %j is %s', (model, captured, expected) => {
    expect(fillUpstreamModel(model, captured)).toBe(expected);
  });
});
