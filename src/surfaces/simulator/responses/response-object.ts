import { asFields, listOf, positive, textOf, type Fields } from '../asked.ts';
import { CREATED } from '../answers.ts';
import type { TypedEvent } from '../template.ts';
import { answerTokens, roughTokens } from '../text.ts';

/** What a response is made of. From the same parts comes the same response, whenever it is asked for. */
export interface ResponseParts {
  /** Behind `resp_`, `msg_`: what tells this response from others. */
  readonly id: string;
  /** The body that asked for it. */
  readonly fields: Fields;
  readonly tokens: readonly string[];
  /** True where `max_output_tokens` cut it short. */
  readonly short: boolean;
}

/** `queued`: asked for with `background`, and not looked for yet. */
export type ResponseStatus = 'in_progress' | 'completed' | 'incomplete' | 'queued' | 'cancelled';

/** Reads what a body asks for. `wanted`: tokens, unless `max_output_tokens` is less. */
export function responseParts(id: string, fields: Fields, answer: { wanted: number; name: string }): ResponseParts {
  const most = positive(fields['max_output_tokens']);
  const short = most !== undefined && most < answer.wanted;
  return { id, fields, tokens: answerTokens(answer.name, short ? most : answer.wanted), short };
}

export function finalStatus(parts: ResponseParts): ResponseStatus {
  return parts.short ? 'incomplete' : 'completed';
}

/** A response object. Source of the shape: OpenAI's API reference. */
export function responseObject(parts: ResponseParts, status: ResponseStatus, usage = true): Fields {
  const { id, fields, short } = parts;
  const over = status === 'completed' || status === 'incomplete';
  return {
    id: `resp_${id}`,
    object: 'response',
    created_at: CREATED,
    status,
    background: fields['background'] === true,
    error: null,
    incomplete_details: over && short ? { reason: 'max_output_tokens' } : null,
    instructions: fields['instructions'] ?? null,
    max_output_tokens: fields['max_output_tokens'] ?? null,
    metadata: fields['metadata'] ?? {},
    model: fields['model'],
    output: over ? [messageItem(parts, over)] : [],
    parallel_tool_calls: true,
    previous_response_id: fields['previous_response_id'] ?? null,
    reasoning: { effort: null, summary: null },
    store: fields['store'] !== false,
    temperature: fields['temperature'] ?? 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: fields['top_p'] ?? 1,
    truncation: 'disabled',
    usage: over && usage ? usageOf(parts) : null,
    user: fields['user'] ?? null,
  };
}

/** Every event of the response's stream, in order and numbered. */
export function responseEvents(parts: ResponseParts, usage = true): readonly TypedEvent[] {
  const { id, tokens } = parts;
  const where = { item_id: `msg_${id}`, output_index: 0, content_index: 0 };
  const empty = { type: 'output_text', text: '', annotations: [] };
  const whole = { ...empty, text: tokens.join('') };
  const begun = { response: responseObject(parts, 'in_progress', usage) };
  const events: TypedEvent[] = [
    { type: 'response.created', ...begun },
    { type: 'response.in_progress', ...begun },
    added('response.output_item.added', messageItem(parts, false)),
    { type: 'response.content_part.added', ...where, part: empty },
    ...tokens.map((delta) => ({ type: 'response.output_text.delta', ...where, delta, logprobs: [] })),
    { type: 'response.output_text.done', ...where, text: whole.text, logprobs: [] },
    { type: 'response.content_part.done', ...where, part: whole },
    added('response.output_item.done', messageItem(parts, true)),
    {
      type: `response.${finalStatus(parts)}`,
      response: responseObject(parts, finalStatus(parts), usage),
    },
  ];
  return events.map((event, sequence_number) => ({ ...event, sequence_number }));
}

/** What came in, as items with ids. */
export function inputItems({ id, fields }: ResponseParts): readonly Fields[] {
  const { input } = fields;
  const given = typeof input === 'string' ? [{ role: 'user', content: input }] : listOf(input).map(asFields);
  return given.map((item, index) => {
    const { content, role = 'user', type = 'message', ...rest } = item;
    const text = textOf(content);
    const parts = Array.isArray(content) ? content : [{ type: 'input_text', text }];
    return { id: `msg_${id}${index}`, type, role, status: 'completed', ...rest, content: parts };
  });
}

function added(type: string, item: Fields): TypedEvent {
  return { type, output_index: 0, item };
}

function messageItem({ id, tokens, short }: ResponseParts, over: boolean): Fields {
  const content = over ? [{ type: 'output_text', text: tokens.join(''), annotations: [], logprobs: [] }] : [];
  const ended = short ? 'incomplete' : 'completed';
  return { id: `msg_${id}`, type: 'message', status: over ? ended : 'in_progress', role: 'assistant', content };
}

function usageOf({ fields, tokens }: ResponseParts): Fields {
  const input = roughTokens(JSON.stringify(fields['input'] ?? '').length);
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: tokens.length,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + tokens.length,
  };
}
