import type { MockAnswer } from '../mock-answer.ts';

/** What a mocked response is made of. */
export interface MockParts {
  /** Behind `resp_` and `msg_`. */
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly text: string;
}

/** A mock counts as this many tokens in and out: nothing was counted. */
const USAGE = {
  input_tokens: 10,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 20,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 30,
};

/** A text as an answer of the Responses API, whole or as its events. Nothing of it is stored: its id is known nowhere. */
export function mockResponse(parts: MockParts, stream: boolean): MockAnswer {
  if (!stream) return { json: JSON.stringify(responseOf(parts, true)) };
  const events = eventsOf(parts).map((event, sequence_number) => ({ ...event, sequence_number }));
  return { events: events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`) };
}

function responseOf(parts: MockParts, over: boolean): object {
  return {
    id: `resp_${parts.id}`,
    object: 'response',
    created_at: parts.created,
    status: over ? 'completed' : 'in_progress',
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    model: parts.model,
    output: over ? [itemOf(parts, true)] : [],
    parallel_tool_calls: true,
    previous_response_id: null,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    usage: over ? USAGE : null,
  };
}

function itemOf({ id, text }: MockParts, over: boolean): object {
  const content = over ? [partOf(text)] : [];
  return { id: `msg_${id}`, type: 'message', role: 'assistant', status: over ? 'completed' : 'in_progress', content };
}

function partOf(text: string): object {
  return { type: 'output_text', text, annotations: [] };
}

interface MockEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** In the order of OpenAI's API reference. */
function eventsOf(parts: MockParts): readonly MockEvent[] {
  const { id, text } = parts;
  const where = { item_id: `msg_${id}`, output_index: 0, content_index: 0 };
  const deltas = text.match(/.{1,10}/gsu) ?? [];
  return [
    { type: 'response.created', response: responseOf(parts, false) },
    { type: 'response.in_progress', response: responseOf(parts, false) },
    { type: 'response.output_item.added', output_index: 0, item: itemOf(parts, false) },
    { type: 'response.content_part.added', ...where, part: partOf('') },
    ...deltas.map((delta) => ({ type: 'response.output_text.delta', ...where, delta, logprobs: [] })),
    { type: 'response.output_text.done', ...where, text, logprobs: [] },
    { type: 'response.content_part.done', ...where, part: partOf(text) },
    { type: 'response.output_item.done', output_index: 0, item: itemOf(parts, true) },
    { type: 'response.completed', response: responseOf(parts, true) },
  ];
}
