import type { Prepared } from './answer-book.ts';
import { identityHeaders } from './answers.ts';
import { asText, parseObject, type Fields } from './asked.ts';
import { refusedTemplate } from './fixed-answers.ts';
import { moderationBody, rerankBody } from './judging-answers.ts';
import { imageEvents, imagesBody, SOUND_PIECE, soundEvents, soundOf, soundType } from './media-answers.ts';
import type { SimulatorSettings } from './options.ts';
import { finalStatus, responseEvents, responseObject, responseParts } from './responses/response-object.ts';
import type { ResponseStore } from './responses/response-store.ts';
import { bytesTemplate, jsonTemplate, typedEventsTemplate, type TypedEvent } from './template.ts';

/** What is asked for less often than chat, and is made anew each time. */
export type FurtherOperation = 'responses' | 'moderations' | 'images' | 'speech' | 'rerank';

export const FURTHER_OPERATIONS: ReadonlyMap<string, FurtherOperation> = new Map([
  ['/responses', 'responses'],
  ['/moderations', 'moderations'],
  ['/images/generations', 'images'],
  ['/audio/speech', 'speech'],
  ['/rerank', 'rerank'],
  ['/v2/rerank', 'rerank'],
]);

/** Fields that OpenAI, or Cohere, would refuse a request without. */
const REQUIRED: Readonly<Record<FurtherOperation, readonly string[]>> = {
  responses: ['model'],
  moderations: ['input'],
  images: ['model', 'prompt'],
  speech: ['model', 'input', 'voice'],
  rerank: ['model', 'query', 'documents'],
};

export interface FurtherRequest {
  readonly operation: FurtherOperation;
  readonly body: Buffer;
  /** Of the answer: what tells it from others. */
  readonly id: string;
  readonly tokens: number;
}

/** Makes the answers to everything but chat, completions and embeddings. */
export class FurtherAnswers {
  readonly #settings: SimulatorSettings;
  readonly #responses: ResponseStore;

  constructor(settings: SimulatorSettings, responses: ResponseStore) {
    this.#settings = settings;
    this.#responses = responses;
  }

  answer(request: FurtherRequest): Prepared {
    const { operation } = request;
    const fields = parseObject(request.body);
    if (fields === undefined) return this.#refuse('The body is not a JSON object.', null);
    const missing = REQUIRED[operation].find((name) => fields[name] === undefined);
    if (missing !== undefined) return this.#refuse(`Missing required parameter: '${missing}'.`, missing);
    switch (operation) {
      case 'responses':
        return this.#respond(fields, request);
      case 'moderations':
        return this.#json(moderationBody(fields));
      case 'images':
        return fields['stream'] === true ? this.#events(imageEvents(fields)) : this.#json(imagesBody(fields));
      case 'speech':
        return this.#speak(fields);
      case 'rerank':
        return this.#json(rerankBody(fields));
    }
  }

  #respond(fields: Fields, { id, tokens }: FurtherRequest): Prepared {
    const { name, usage } = this.#settings;
    const previous = asText(fields['previous_response_id']);
    if (previous !== '' && !this.#responses.has(previous)) {
      const message = `Previous response with id '${previous}' not found.`;
      return this.#refuse(message, 'previous_response_id');
    }
    const parts = responseParts(id, fields, { wanted: tokens, name });
    if (fields['store'] !== false) this.#responses.keep(parts);
    if (fields['stream'] === true) return this.#events(responseEvents(parts, usage));
    const status = fields['background'] === true ? 'queued' : finalStatus(parts);
    return this.#json(responseObject(parts, status, usage));
  }

  #speak(fields: Fields): Prepared {
    const { name, seed } = this.#settings;
    if (fields['stream_format'] === 'sse') return this.#events(soundEvents(fields, seed));
    const headers = [['content-type', soundType(fields)] as const, ...identityHeaders(name)];
    return { template: bytesTemplate(soundOf(fields, seed), SOUND_PIECE, headers), streamed: true };
  }

  #json(body: Fields): Prepared {
    return {
      template: jsonTemplate(body, { status: 200, extra: identityHeaders(this.#settings.name) }),
      streamed: false,
    };
  }

  #events(events: readonly TypedEvent[]): Prepared {
    return { template: typedEventsTemplate(events, identityHeaders(this.#settings.name)), streamed: true };
  }

  #refuse(message: string, param: string | null): Prepared {
    return { template: refusedTemplate({ message, param }, this.#settings), streamed: false };
  }
}
