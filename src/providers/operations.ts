/** How an operation's request body comes. `either`: a form, or JSON that names files by URL or id. */
export type BodyForm = 'json' | 'multipart' | 'either';

/** One thing that an upstream of OpenAI's dialect can be asked for. */
export interface OperationSpec {
  /** Behind the base URL, ours and the upstream's alike. */
  readonly path: string;
  readonly body: BodyForm;
  /** What its body cannot do without, beside `model`. `list`: only a list fits; else any value but null. */
  readonly required: readonly { readonly field: string; readonly list?: true }[];
  /** True where `stream: true` asks for events. */
  readonly streams: boolean;
  /** `bytes`: what comes back may be anything (sound, plain text) and is passed on piece by piece, unread. */
  readonly answer: 'json' | 'bytes';
}

function json(path: string, required: OperationSpec['required'], streams = false): OperationSpec {
  return { path, body: 'json', required, streams, answer: 'json' };
}

const TABLE = {
  chat: json('/chat/completions', [{ field: 'messages', list: true }], true),
  completions: json('/completions', [{ field: 'prompt' }], true),
  embeddings: json('/embeddings', [{ field: 'input' }]),
  responses: json('/responses', [], true),
  moderations: json('/moderations', [{ field: 'input' }]),
  image_generations: json('/images/generations', [{ field: 'prompt' }], true),
  image_edits: { path: '/images/edits', body: 'either', required: [], streams: true, answer: 'json' },
  transcriptions: { path: '/audio/transcriptions', body: 'multipart', required: [], streams: true, answer: 'bytes' },
  translations: { path: '/audio/translations', body: 'multipart', required: [], streams: false, answer: 'bytes' },
  speech: { path: '/audio/speech', body: 'json', required: [{ field: 'input' }], streams: true, answer: 'bytes' },
  rerank: json('/rerank', [{ field: 'query' }, { field: 'documents', list: true }]),
} as const satisfies Record<string, OperationSpec>;

export type Operation = keyof typeof TABLE;

/** Every operation. Paths and required fields: OpenAI's API reference; rerank: Cohere's and Jina's. */
export const OPERATIONS: Readonly<Record<Operation, OperationSpec>> = TABLE;

/** Every operation's name, in the order of the table. */
export const OPERATION_NAMES = Object.keys(TABLE) as readonly Operation[];
