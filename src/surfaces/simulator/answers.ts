import type { Asked, ToolCall } from './asked.ts';
import { embeddingOf } from './embedding.ts';
import type { SimulatorSettings } from './options.ts';
import { eventsTemplate, ID_MARK, jsonTemplate, type ExtraHeaders, type Template } from './template.ts';
import { answerTokens, jsonAnswerTokens, roughTokens } from './text.ts';

/** Seconds since 1970. One fixed time, so that a seed repeats its answers to the byte. */
export const CREATED = 1_767_225_600;

/** What one choice says and how it ends. */
interface Choice {
  readonly tokens: readonly string[];
  readonly tool: ToolCall | undefined;
  readonly finish: 'stop' | 'length' | 'tool_calls';
}

/**
 * The answer to a request that gets one: `tokens` long, or `max_tokens` where that is less. The shapes are those of
 * OpenAI's API reference (chat completion, chat completion chunk, completion, embedding).
 */
export function answerTemplate(asked: Asked, tokens: number, settings: SimulatorSettings): Template {
  const extra = identityHeaders(settings.name);
  if (asked.operation === 'embeddings') return jsonTemplate(embeddingsBody(asked, settings), { status: 200, extra });
  const choice = chooseWords(asked, tokens, settings.name);
  const usage = usageOf(asked, choice);
  if (!asked.stream) {
    const body = {
      ...commonFields(asked, settings),
      choices: wholeChoices(asked, choice),
      ...(settings.usage ? { usage } : {}),
    };
    return jsonTemplate(body, { status: 200, extra, tokens: choice.tokens.length });
  }
  const tellsUsage = asked.includeUsage && settings.usage;
  const common = { ...commonFields(asked, settings), ...(tellsUsage ? { usage: null } : {}) };
  const events: unknown[] = streamedChoices(asked, choice).map((part) => ({ ...common, choices: [part] }));
  if (tellsUsage) events.push({ ...common, choices: [], usage });
  return eventsTemplate(events, extra);
}

/** Headers that say which request and which upstream an answer belongs to. */
export function identityHeaders(name: string): ExtraHeaders {
  return [
    ['x-request-id', `req_${ID_MARK}`],
    ['x-simulated-upstream', name],
  ];
}

function chooseWords(asked: Asked, wanted: number, name: string): Choice {
  if (asked.tool !== undefined) return { tokens: [], tool: asked.tool, finish: 'tool_calls' };
  const capped = asked.maxTokens !== undefined && asked.maxTokens < wanted;
  const count = capped ? asked.maxTokens : wanted;
  const tokens = asked.json ? jsonAnswerTokens(name, count) : answerTokens(name, count);
  return { tokens, tool: undefined, finish: capped ? 'length' : 'stop' };
}

function usageOf(asked: Asked, choice: Choice): Record<string, number> {
  const each = choice.tool === undefined ? choice.tokens.length : roughTokens(choice.tool.arguments.length);
  const completion = each * asked.choices;
  return {
    prompt_tokens: asked.promptTokens,
    completion_tokens: completion,
    total_tokens: asked.promptTokens + completion,
  };
}

function commonFields(asked: Asked, settings: SimulatorSettings): Record<string, unknown> {
  const chatObject = asked.stream ? 'chat.completion.chunk' : 'chat.completion';
  return {
    id: `${asked.operation === 'chat' ? 'chatcmpl' : 'cmpl'}-${ID_MARK}`,
    object: asked.operation === 'chat' ? chatObject : 'text_completion',
    created: CREATED,
    model: asked.model,
    system_fingerprint: settings.name,
  };
}

function wholeChoices(asked: Asked, choice: Choice): unknown[] {
  const text = choice.tokens.join('');
  return Array.from({ length: asked.choices }, (_, index) => {
    const rest = { logprobs: null, finish_reason: choice.finish };
    if (asked.operation === 'completions') return { index, text, ...rest };
    const toolCalls = choice.tool === undefined ? {} : { tool_calls: [toolCallOf(choice.tool, index)] };
    const content = choice.tool === undefined ? text : null;
    return { index, message: { role: 'assistant', content, refusal: null, ...toolCalls }, ...rest };
  });
}

/** The parts of a stream, each for one choice: its role, a part for each token, its finish; choices take turns. */
function streamedChoices(asked: Asked, choice: Choice): unknown[] {
  const rounds = asked.operation === 'completions' ? completionRounds(choice) : chatRounds(choice);
  const indexes = Array.from({ length: asked.choices }, (_, index) => index);
  return rounds.flatMap((round) => indexes.map((index) => round(index)));
}

type Round = (index: number) => Record<string, unknown>;

function completionRounds(choice: Choice): Round[] {
  const last = choice.tokens.length - 1;
  return choice.tokens.map((text, position) => (index) => ({
    index,
    text,
    logprobs: null,
    finish_reason: position === last ? choice.finish : null,
  }));
}

function chatRounds(choice: Choice): Round[] {
  const part =
    (delta: (index: number) => unknown, finish: string | null = null): Round =>
    (index) => ({ index, delta: delta(index), logprobs: null, finish_reason: finish });
  const end = part(() => ({}), choice.finish);
  if (choice.tool === undefined) {
    const opening = part(() => ({ role: 'assistant', content: '', refusal: null }));
    return [opening, ...choice.tokens.map((content) => part(() => ({ content }))), end];
  }
  const { tool } = choice;
  const begun = (index: number): unknown => ({ index: 0, ...toolCallOf({ ...tool, arguments: '' }, index) });
  const opening = part((index) => ({ role: 'assistant', content: null, tool_calls: [begun(index)] }));
  const pieces = tool.arguments.match(/[^]{1,12}/gu) ?? [];
  const said = pieces.map((piece) => part(() => ({ tool_calls: [{ index: 0, function: { arguments: piece } }] })));
  return [opening, ...said, end];
}

function toolCallOf(tool: ToolCall, choice: number): Record<string, unknown> {
  return {
    id: `call_${ID_MARK}${choice}`,
    type: 'function',
    function: { name: tool.name, arguments: tool.arguments },
  };
}

function embeddingsBody(asked: Asked, settings: SimulatorSettings): unknown {
  const dimensions = asked.dimensions ?? settings.embeddingDimensions;
  const data = asked.inputs.map((input, index) => {
    const vector = embeddingOf(input, dimensions, settings.seed);
    const embedding = asked.base64 ? Buffer.from(vector.buffer).toString('base64') : [...vector];
    return { object: 'embedding', index, embedding };
  });
  const usage = { prompt_tokens: asked.promptTokens, total_tokens: asked.promptTokens };
  return { object: 'list', data, model: asked.model, ...(settings.usage ? { usage } : {}) };
}
