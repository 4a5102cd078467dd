import { describe, expect, test } from 'vitest';
import { readUsage, usageOfAnswer } from './usage.ts';

describe('readUsage', () => {
  test.each<[string, unknown, unknown]>([
    [
      'chat',
      { prompt_tokens: 9, completion_tokens: 12, total_tokens: 21 },
      { promptTokens: 9, completionTokens: 12, totalTokens: 21 },
    ],
    [
      'chat with details',
      {
        prompt_tokens: 9,
        completion_tokens: 12,
        total_tokens: 21,
        prompt_tokens_details: { cached_tokens: 4, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 8 },
      },
      { promptTokens: 9, completionTokens: 12, totalTokens: 21, cachedTokens: 4, reasoningTokens: 8 },
    ],
    [
      'responses',
      { input_tokens: 3, output_tokens: 4, total_tokens: 7, input_tokens_details: { cached_tokens: 1 } },
      { promptTokens: 3, completionTokens: 4, totalTokens: 7, cachedTokens: 1 },
    ],
    ['embeddings', { prompt_tokens: 5, total_tokens: 5 }, { promptTokens: 5, completionTokens: 0, totalTokens: 5 }],
    ['no total', { prompt_tokens: 5, completion_tokens: 2 }, { promptTokens: 5, completionTokens: 2, totalTokens: 7 }],
    ['no prompt', { completion_tokens: 2, total_tokens: 9 }, { promptTokens: 7, completionTokens: 2, totalTokens: 9 }],
    ['no completion', { prompt_tokens: 2, total_tokens: 9 }, { promptTokens: 2, completionTokens: 7, totalTokens: 9 }],
    ['total alone', { total_tokens: 9 }, { promptTokens: 9, completionTokens: 0, totalTokens: 9 }],
    [
      'details of null',
      { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, prompt_tokens_details: null },
      { promptTokens: 1, completionTokens: 1, totalTokens: 2 },
    ],
    [
      'more cached than sent',
      { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, prompt_tokens_details: { cached_tokens: 2 } },
      { promptTokens: 1, completionTokens: 1, totalTokens: 2 },
    ],
    [
      'counts that are none',
      {
        prompt_tokens: -1,
        completion_tokens: '3',
        total_tokens: 4,
        completion_tokens_details: { reasoning_tokens: 0.5 },
      },
      { promptTokens: 4, completionTokens: 0, totalTokens: 4 },
    ],
    ['nothing of use', { prompt_tokens: 1e300, total_tokens: null }, undefined],
    ['an empty object', {}, undefined],
    ['null', null, undefined],
    ['a list', [1], undefined],
    ['text', 'many', undefined],
  ])('%s', (_, usage, wanted) => {
    expect(readUsage(usage)).toEqual(wanted);
  });
});

describe('usageOfAnswer', () => {
  test.each<[string, string, number | undefined]>([
    ['an answer', '{"id":"x","choices":[{"usage":{"total_tokens":1}}],"usage":{"total_tokens":21}}', 21],
    ['none', '{"choices":[]}', undefined],
    ['null', '{"usage":null}', undefined],
    ['a list on top', '[{"usage":{"total_tokens":21}}]', undefined],
    ['a cut answer', '{"usage":{"total_tokens":21}', undefined],
    ['two of them', '{"usage":{"total_tokens":21},"usage":{"total_tokens":22}}', undefined],
    ['no bytes', '', undefined],
    ['HTML', '<html>', undefined],
  ])('of %s', (_, json, total) => {
    expect(usageOfAnswer(Buffer.from(json))?.totalTokens).toBe(total);
  });
});
