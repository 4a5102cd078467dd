import { GatewayError } from '../core/errors/gateway-error.ts';
import type { Operation } from '../providers/contract.ts';
import { isObject, tryParseJson } from '../core/wire/json-text.ts';
import type { Call } from './call.ts';
import { mockResponse } from './responses/mock-response.ts';

/** Texts of `mock_response` that ask for an error, and the status that LiteLLM gives it. Source: surface 3.8 and 3.10. */
const MOCK_ERRORS: ReadonlyMap<string, number> = new Map([
  ['litellm.InternalServerError', 500],
  ['litellm.RateLimitError', 429],
  ['litellm.ContextWindowExceededError', 400],
  ['litellm.ContentPolicyViolationError', 400],
]);

/** A mock counts as this many tokens in and out: nothing was counted. */
const USAGE = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 };

/** What a mocked call answers: one JSON text, or the pieces of a stream. */
export type MockAnswer = { readonly json: string } | { readonly events: readonly string[] };

/** The mock of a call, from its body or its deployment; undefined: it is a real call. */
export function mockOf(call: Call): unknown {
  return call.request?.mockResponse ?? call.deployment?.config.mockResponse;
}

/**
 * Builds the answer of a mocked call: routed as usual, nothing sent. Throws `mock_error` for the texts that ask for one, and
 * `invalid_field` for a mock that fits no answer.
 */
export function mockAnswer(call: Call, mock: unknown, createdSeconds: number): MockAnswer {
  const status = typeof mock === 'string' ? MOCK_ERRORS.get(mock) : undefined;
  if (status !== undefined) {
    throw new GatewayError('mock_error', {
      message: `${String(mock)}: the request asked for this error with mock_response.`,
      status,
    });
  }
  const base = { id: `chatcmpl-${call.stamp.callId}`, created: createdSeconds, model: call.request?.model ?? '' };
  const { operation } = call.endpoint;
  if (operation === 'embeddings') return { json: JSON.stringify(embedding(mock, base.model)) };
  if (operation === 'image_generations') return { json: JSON.stringify(images(mock)) };
  if (!TEXTUAL.has(operation)) {
    throw new GatewayError('invalid_field', {
      message: `There are no mocks of ${operation}: leave mock_response out, or send the call to waymark mock-upstream.`,
      param: 'mock_response',
    });
  }
  if (typeof mock !== 'string') throw wrongMock('a text');
  const stream = call.request?.stream === true;
  if (operation === 'responses') {
    return mockResponse({ ...base, id: call.stamp.callId.replaceAll('-', ''), text: mock }, stream);
  }
  if (stream) return { events: streamOf(operation, mock, base) };
  return { json: JSON.stringify(whole(operation, mock, base)) };
}

/** Operations whose mock is a text in their own answer. */
const TEXTUAL: ReadonlySet<Operation> = new Set(['chat', 'completions', 'responses']);

interface Base {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

function whole(operation: Operation, text: string, base: Base): object {
  if (operation === 'completions') {
    return {
      ...base,
      object: 'text_completion',
      choices: [{ index: 0, text, logprobs: null, finish_reason: 'stop' }],
      usage: USAGE,
    };
  }
  const message = { role: 'assistant', content: text };
  return { ...base, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: 'stop' }], usage: USAGE };
}

function streamOf(operation: Operation, text: string, base: Base): string[] {
  const chunk = (choice: object): string => {
    const object = operation === 'completions' ? 'text_completion' : 'chat.completion.chunk';
    return `data: ${JSON.stringify({ ...base, object, choices: [{ index: 0, ...choice }] })}\n\n`;
  };
  const piece = (content: string): string =>
    operation === 'completions'
      ? chunk({ text: content, finish_reason: null })
      : chunk({ delta: { role: 'assistant', content }, finish_reason: null });
  const last = operation === 'completions' ? { text: '', finish_reason: 'stop' } : { delta: {}, finish_reason: 'stop' };
  return [...(text.match(/.{1,10}/gsu) ?? []).map(piece), chunk(last), 'data: [DONE]\n\n'];
}

function embedding(mock: unknown, model: string): object {
  if (!Array.isArray(mock) || mock.some((value) => typeof value !== 'number')) throw wrongMock('a list of numbers');
  const usage = { prompt_tokens: USAGE.prompt_tokens, total_tokens: USAGE.prompt_tokens };
  return { object: 'list', data: [{ object: 'embedding', index: 0, embedding: mock }], model, usage };
}

/** The answer itself, as an object or as JSON text. Source: LiteLLM's `image_generation`. */
function images(mock: unknown): object {
  const answer = typeof mock === 'string' ? tryParseJson(Buffer.from(mock)) : mock;
  if (!isObject(answer)) throw wrongMock('an answer of images, as an object or as JSON text,');
  return answer;
}

function wrongMock(wanted: string): GatewayError {
  return new GatewayError('invalid_field', {
    message: `The field mock_response must be ${wanted} here.`,
    param: 'mock_response',
  });
}
