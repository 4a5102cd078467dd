import { BoundedMap } from '../../../core/base/bounded-map.ts';
import { identityHeaders } from '../answers.ts';
import type { Fields } from '../asked.ts';
import type { SimulatorSettings } from '../options.ts';
import type { WireRequest } from '../request-parser.ts';
import { jsonTemplate, typedEventsTemplate } from '../template.ts';
import type { Prepared } from '../answer-book.ts';
import {
  finalStatus,
  inputItems,
  responseEvents,
  responseObject,
  type ResponseParts,
  type ResponseStatus,
} from './response-object.ts';

interface Stored {
  readonly parts: ResponseParts;
  cancelled: boolean;
}

/** Responses that are remembered; the oldest go first. */
const MOST_STORED = 1024;
/** `/responses/ID`, `/responses/ID/cancel`, `/responses/ID/input_items`. */
const BY_ID = /^(?:\/v1)?\/responses\/([^/]+)(\/cancel|\/input_items)?$/;

/** Responses that were asked for without `store: false`, and what can be asked of them by their id. */
export class ResponseStore {
  readonly #stored = new BoundedMap<string, Stored>(MOST_STORED);
  readonly #settings: SimulatorSettings;

  constructor(settings: SimulatorSettings) {
    this.#settings = settings;
  }

  keep(parts: ResponseParts): void {
    this.#stored.set(`resp_${parts.id}`, { parts, cancelled: false });
  }

  has(id: string): boolean {
    return this.#stored.get(id) !== undefined;
  }

  /** The answer to a request by id; undefined: it is none. */
  answer({ method, path, query }: WireRequest): Prepared | undefined {
    const match = BY_ID.exec(path);
    if (match === null) return undefined;
    const [, id = '', part = ''] = match;
    const stored = this.#stored.get(id);
    const asked = `${method} ${part}`;
    if (!KNOWN.has(asked)) return undefined;
    if (stored === undefined) return this.#fail(404, `Response with id '${id}' not found.`);
    if (asked === 'DELETE ') return this.#delete(id);
    if (asked === 'POST /cancel') return this.#cancel(stored);
    const parameters = new URLSearchParams(query);
    if (asked === 'GET /input_items') return this.#json(listOf(inputItems(stored.parts), parameters));
    if (parameters.get('stream') === 'true') return this.#replay(stored.parts, parameters);
    return this.#json(responseObject(stored.parts, statusOf(stored), this.#settings.usage));
  }

  #delete(id: string): Prepared {
    this.#stored.delete(id);
    return this.#json({ id, object: 'response', deleted: true });
  }

  #cancel(stored: Stored): Prepared {
    if (stored.parts.fields['background'] !== true) {
      return this.#fail(400, 'Cannot cancel a synchronous response.');
    }
    stored.cancelled = true;
    return this.#json(responseObject(stored.parts, 'cancelled', this.#settings.usage));
  }

  #replay(parts: ResponseParts, parameters: URLSearchParams): Prepared {
    const after = Number(parameters.get('starting_after') ?? -1);
    const events = responseEvents(parts, this.#settings.usage).slice(after + 1);
    return { template: typedEventsTemplate(events, identityHeaders(this.#settings.name)), streamed: true };
  }

  #json(body: Fields, status = 200): Prepared {
    return { template: jsonTemplate(body, { status, extra: identityHeaders(this.#settings.name) }), streamed: false };
  }

  #fail(status: number, message: string): Prepared {
    return this.#json({ error: { message, type: 'invalid_request_error', param: null, code: null } }, status);
  }
}

const KNOWN: ReadonlySet<string> = new Set(['GET ', 'DELETE ', 'POST /cancel', 'GET /input_items']);

function statusOf({ parts, cancelled }: Stored): ResponseStatus {
  return cancelled ? 'cancelled' : finalStatus(parts);
}

/** The page of a list that `after`, `limit` and `order` (newest first unless `asc`) ask for. */
function listOf(items: readonly Fields[], parameters: URLSearchParams): Fields {
  const ordered = parameters.get('order') === 'asc' ? items : items.toReversed();
  const after = ordered.findIndex((item) => item['id'] === parameters.get('after'));
  const limit = Number(parameters.get('limit') ?? 20);
  const rest = ordered.slice(after + 1);
  const data = rest.slice(0, limit);
  const idOf = (item: Fields | undefined): unknown => item?.['id'] ?? null;
  return { object: 'list', data, first_id: idOf(data[0]), last_id: idOf(data.at(-1)), has_more: rest.length > limit };
}
