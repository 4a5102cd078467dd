import { compileFieldSet } from './field-set.ts';
import { isObject } from './json-text.ts';
import { peek } from './peek.ts';

/** Tokens that an upstream says it used. Whole numbers, none below zero. */
export interface TokenUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly totalTokens: number;
  /** Part of the prompt's tokens that came from the upstream's cache. */
  readonly cachedTokens?: number;
  /** Tokens spent on reasoning. OpenAI counts them within the completion's, some others beside them. */
  readonly reasoningTokens?: number;
}

const USAGE = compileFieldSet(['usage']);

/**
 * The usage in an answer's JSON: a buffered answer, or the data of a stream's usage event. Undefined when it says none, or
 * nothing that makes sense. Walks the bytes and parses the usage alone, since answers (embeddings) can be megabytes.
 */
export function usageOfAnswer(json: Uint8Array): TokenUsage | undefined {
  const walked = peek(json, USAGE);
  return walked.ok ? readUsage(walked.top.value('usage')) : undefined;
}

/** Reads a usage object in OpenAI's words, of chat (`prompt_tokens`) or of responses (`input_tokens`). */
export function readUsage(usage: unknown): TokenUsage | undefined {
  if (!isObject(usage)) return undefined;
  const prompt = tokens(usage['prompt_tokens']) ?? tokens(usage['input_tokens']);
  const completion = tokens(usage['completion_tokens']) ?? tokens(usage['output_tokens']);
  const total = tokens(usage['total_tokens']);
  if (prompt === undefined && completion === undefined && total === undefined) return undefined;
  const completionTokens = completion ?? difference(total, prompt) ?? 0;
  const promptTokens = prompt ?? difference(total, completionTokens) ?? 0;
  const cached = detail(usage, ['prompt_tokens_details', 'input_tokens_details'], 'cached_tokens');
  const reasoning = detail(usage, ['completion_tokens_details', 'output_tokens_details'], 'reasoning_tokens');
  return {
    promptTokens,
    completionTokens,
    totalTokens: total ?? promptTokens + completionTokens,
    ...(cached === undefined || cached > promptTokens ? {} : { cachedTokens: cached }),
    ...(reasoning === undefined ? {} : { reasoningTokens: reasoning }),
  };
}

function detail(usage: Readonly<Record<string, unknown>>, groups: readonly string[], name: string): number | undefined {
  for (const group of groups) {
    const details = usage[group];
    const count = isObject(details) ? tokens(details[name]) : undefined;
    if (count !== undefined) return count;
  }
  return undefined;
}

function difference(total: number | undefined, part: number | undefined): number | undefined {
  return total === undefined || part === undefined ? undefined : Math.max(0, total - part);
}

function tokens(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
