import { BoundedMap } from '../../core/base/bounded-map.ts';
import { answerTemplate } from './answers.ts';
import { readAsked, type Asked, type Refused, type SimulatedOperation } from './asked.ts';
import { errorTemplate, fixedTemplate, refusedTemplate } from './fixed-answers.ts';
import { FORM_OPERATIONS, formAnswer, type FormOperation } from './forms/form-answers.ts';
import { FURTHER_OPERATIONS, FurtherAnswers, type FurtherOperation } from './further-answers.ts';
import type { SimulatorSettings } from './options.ts';
import type { Plan } from './plan.ts';
import type { WireRequest } from './request-parser.ts';
import { ResponseStore } from './responses/response-store.ts';
import type { Template } from './template.ts';

/** One answer, ready to be sent. */
export interface Prepared {
  readonly template: Template;
  /** True for a stream of events: the only kind that is paced in pieces and may be cut. */
  readonly streamed: boolean;
}

/** Whatever is a model call. */
export type CalledOperation = SimulatedOperation | FurtherOperation | FormOperation;

interface SeenBody {
  readonly body: Buffer;
  readonly asked: Asked | Refused;
  readonly prepared: BoundedMap<number, Prepared>;
}

const OPERATIONS: ReadonlyMap<string, SimulatedOperation> = new Map([
  ['/chat/completions', 'chat'],
  ['/completions', 'completions'],
  ['/embeddings', 'embeddings'],
]);
const REMEMBERED_BODIES = 64;
const REMEMBERED_LENGTHS = 32;
/** What is larger, body or answer, is not remembered. */
const REMEMBERED_BYTES = 65_536;
/** Tokens in all choices together: a lognormal spread has no end of its own. */
const MOST_TOKENS = 100_000;

/**
 * Prepares answers. Load generators send the same bodies over and over: what a body asks for, and the answer to it, are
 * remembered (bounded), so that such a request costs a comparison and a copy.
 */
export class AnswerBook {
  readonly #settings: SimulatorSettings;
  /** By length: bodies that differ share one rarely, and then merely take turns. */
  readonly #seen: Record<SimulatedOperation, BoundedMap<number, SeenBody>> = {
    chat: new BoundedMap(REMEMBERED_BODIES),
    completions: new BoundedMap(REMEMBERED_BODIES),
    embeddings: new BoundedMap(REMEMBERED_BODIES),
  };
  readonly #errors = new Map<number, Prepared>();
  readonly #responses: ResponseStore;
  readonly #further: FurtherAnswers;

  constructor(settings: SimulatorSettings) {
    this.#settings = settings;
    this.#responses = new ResponseStore(settings);
    this.#further = new FurtherAnswers(settings, this.#responses);
  }

  /** The operation that a request calls, or undefined. */
  static operationOf(request: WireRequest): CalledOperation | undefined {
    if (request.method !== 'POST') return undefined;
    const path = request.path.startsWith('/v1/') ? request.path.slice(3) : request.path;
    return OPERATIONS.get(path) ?? FURTHER_OPERATIONS.get(path) ?? FORM_OPERATIONS.get(path);
  }

  /** The answer to a model call under its plan. `id` is what will stand in it, where it is known by its id later. */
  answer(operation: CalledOperation, request: WireRequest, { plan, id }: { plan: Plan; id: string }): Prepared {
    const { body, form } = request;
    if (plan.errorStatus !== undefined) return this.#error(plan.errorStatus);
    if (isForForms(operation)) return formAnswer({ operation, form, body, tokens: plan.answerTokens }, this.#settings);
    if (!isCommon(operation)) return this.#further.answer({ operation, body, id, tokens: plan.answerTokens });
    const seen = this.#look(operation, body);
    const { asked } = seen;
    if (!('operation' in asked)) return plain(refusedTemplate(asked, this.#settings));
    const tokens = Math.max(1, Math.min(plan.answerTokens, Math.floor(MOST_TOKENS / asked.choices)));
    const known = seen.prepared.get(tokens);
    if (known !== undefined) return known;
    const prepared = { template: answerTemplate(asked, tokens, this.#settings), streamed: asked.stream };
    if (prepared.template.bytes.byteLength <= REMEMBERED_BYTES) seen.prepared.set(tokens, prepared);
    return prepared;
  }

  /** The answer to anything else. */
  other(request: WireRequest): Prepared {
    return this.#responses.answer(request) ?? plain(fixedTemplate(request.method, request.path, this.#settings));
  }

  #look(operation: SimulatedOperation, body: Buffer): SeenBody {
    const known = this.#seen[operation].get(body.byteLength);
    if (known !== undefined && known.body.equals(body)) return known;
    // The bytes belong to the connection: what is remembered is a copy.
    const keep = body.byteLength <= REMEMBERED_BYTES;
    const fresh: SeenBody = {
      body: keep ? Buffer.from(body) : body,
      asked: readAsked(operation, body),
      prepared: new BoundedMap(REMEMBERED_LENGTHS),
    };
    if (keep) this.#seen[operation].set(body.byteLength, fresh);
    return fresh;
  }

  #error(status: number): Prepared {
    const known = this.#errors.get(status);
    if (known !== undefined) return known;
    const prepared = plain(errorTemplate(status, this.#settings));
    this.#errors.set(status, prepared);
    return prepared;
  }
}

function isCommon(operation: CalledOperation): operation is SimulatedOperation {
  return operation === 'chat' || operation === 'completions' || operation === 'embeddings';
}

function isForForms(operation: CalledOperation): operation is FormOperation {
  return operation === 'transcriptions' || operation === 'translations' || operation === 'edits';
}

function plain(template: Template): Prepared {
  return { template, streamed: false };
}
