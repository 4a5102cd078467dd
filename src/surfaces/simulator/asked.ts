import { roughTokens } from './text.ts';

export type SimulatedOperation = 'chat' | 'completions' | 'embeddings';

/** A function call that the answer will make. */
export interface ToolCall {
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

/** What a request asks for, as far as the answer depends on it. */
export interface Asked {
  readonly operation: SimulatedOperation;
  readonly model: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  /** Choices: `n`, times the number of prompts for completions. */
  readonly choices: number;
  /** `max_completion_tokens` or `max_tokens`. */
  readonly maxTokens: number | undefined;
  /** True where `response_format` asks for JSON. */
  readonly json: boolean;
  readonly tool: ToolCall | undefined;
  readonly promptTokens: number;
  /** For embeddings: each input as text. */
  readonly inputs: readonly string[];
  readonly dimensions: number | undefined;
  readonly base64: boolean;
}

/** A request that OpenAI would refuse with status 400. */
export interface Refused {
  readonly message: string;
  readonly param: string | null;
}

/** A JSON object that came in. */
export type Fields = Readonly<Record<string, unknown>>;

const PROMPT_FIELD = { chat: 'messages', completions: 'prompt', embeddings: 'input' } as const;
/** A stray `n` of a million must not fill the memory. */
const MOST_CHOICES = 128;
/** OpenAI's own limit for embeddings. */
const MOST_INPUTS = 2048;

/** Reads a request's body. Unknown fields and those without meaning here (`stop`, `temperature` ...) are ignored. */
export function readAsked(operation: SimulatedOperation, body: Buffer): Asked | Refused {
  const fields = parseObject(body);
  if (fields === undefined) return { message: 'The body is not a JSON object.', param: null };
  if (typeof fields['model'] !== 'string') return { message: 'you must provide a model parameter', param: 'model' };
  const promptField = PROMPT_FIELD[operation];
  const prompt = fields[promptField];
  if (prompt === undefined) return { message: `Missing required parameter: '${promptField}'.`, param: promptField };
  const inputs = operation === 'chat' ? [] : textsOf(prompt);
  if (inputs.length > MOST_INPUTS)
    return { message: `'${promptField}' holds more than 2048 entries.`, param: promptField };
  return {
    operation,
    model: fields['model'],
    stream: fields['stream'] === true && operation !== 'embeddings',
    includeUsage: asFields(fields['stream_options'])['include_usage'] === true,
    choices: Math.min(MOST_CHOICES, (positive(fields['n']) ?? 1) * Math.max(1, inputs.length)),
    maxTokens: positive(fields['max_completion_tokens']) ?? positive(fields['max_tokens']),
    json: ['json_object', 'json_schema'].includes(String(asFields(fields['response_format'])['type'])),
    tool: operation === 'chat' ? toolFor(fields) : undefined,
    promptTokens: roughTokens(JSON.stringify(prompt).length),
    inputs,
    dimensions: positive(fields['dimensions']),
    base64: fields['encoding_format'] === 'base64',
  };
}

/**
 * The function that the answer calls: the one that `tool_choice` names, else the first of `tools`; none where `tool_choice` is
 * `none`, or where the last message already brings a tool's result. Its arguments hold a value for each property that
 * the schema requires: the last user message for texts (or the first of an enum), 1, true, [] or {} for the rest.
 */
function toolFor(fields: Fields): ToolCall | undefined {
  const messages = listOf(fields['messages']).map(asFields);
  const choice = fields['tool_choice'];
  if (choice === 'none' || messages.at(-1)?.['role'] === 'tool') return undefined;
  const functions = listOf(fields['tools']).map((tool) => asFields(asFields(tool)['function']));
  const wanted = asFields(asFields(choice)['function'])['name'];
  const chosen = functions.find((entry) => entry['name'] === wanted) ?? functions[0];
  if (chosen === undefined || typeof chosen['name'] !== 'string') return undefined;
  const said = textOf(messages.findLast((message) => message['role'] === 'user')?.['content']);
  return { name: chosen['name'], arguments: JSON.stringify(argumentsFor(asFields(chosen['parameters']), said)) };
}

function argumentsFor(schema: Fields, said: string): Fields {
  const properties = new Map(Object.entries(asFields(schema['properties'])));
  const required = listOf(schema['required']).filter((name) => typeof name === 'string');
  return Object.fromEntries(required.map((name) => [name, exampleOf(asFields(properties.get(name)), said)]));
}

function exampleOf(schema: Fields, said: string): unknown {
  const [first] = listOf(schema['enum']);
  if (first !== undefined) return first;
  switch (schema['type']) {
    case 'number':
    case 'integer':
      return 1;
    case 'boolean':
      return true;
    case 'array':
      return [];
    case 'object':
      return {};
    default:
      return said;
  }
}

/** A message's text: a string as it is, of content parts the texts joined. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return listOf(content)
    .map((part) => asFields(part)['text'])
    .filter((text) => typeof text === 'string')
    .join('');
}

/** A prompt or input as a list of texts; token numbers stand for themselves. */
export function textsOf(prompt: unknown): string[] {
  if (!Array.isArray(prompt)) return [String(prompt)];
  if (prompt.every((entry) => typeof entry === 'number')) return [prompt.join(' ')];
  return prompt.map((entry) => (typeof entry === 'string' ? entry : JSON.stringify(entry)));
}

/** A body as an object, or undefined. */
export function parseObject(body: Buffer): Fields | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

/** A value as an object, or an empty one. */
export function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** A value as a list, or an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text, or an empty one. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A whole number above 0, or undefined. */
export function positive(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined;
}
