import {
  CALL_PATHS,
  decodeSegment,
  findCallEndpoint,
  methodsOf,
  STORED_PATHS,
  type CallEndpoint,
} from '../../gateway/endpoint.ts';
import type { RouteGroups } from '../../gateway/route-permission.ts';
import type { KnownVisit, Visit } from './respond.ts';

/** What stands behind a path. `open` endpoints need no key. */
export type Page =
  | { readonly kind: 'open'; readonly method: 'GET'; readonly show: (visit: Visit) => void | Promise<void> }
  | {
      readonly kind: 'known';
      readonly method: 'GET' | 'POST';
      /** Names under which a key's `allowed_routes` may open it. */
      readonly groups: RouteGroups;
      readonly show: (visit: KnownVisit, parameter: string) => void | Promise<void>;
    };

export type Found =
  | { readonly kind: 'call'; readonly methods: readonly string[]; readonly endpoint: CallEndpoint }
  | { readonly kind: 'page'; readonly methods: readonly string[]; readonly page: Page; readonly parameter: string };

const MODEL_PREFIXES = ['/v1/models/', '/models/'] as const;

/** Looks paths up in one static map; the few with a name in them are found by their prefix. */
export class Router {
  readonly #pages: ReadonlyMap<string, Page>;
  readonly #oneModel: Page;

  constructor(pages: ReadonlyMap<string, Page>, oneModel: Page) {
    this.#pages = pages;
    this.#oneModel = oneModel;
  }

  find(path: string): Found | undefined {
    const endpoint = findCallEndpoint(path);
    if (endpoint !== undefined) return { kind: 'call', methods: methodsOf(endpoint), endpoint };
    const page = this.#pages.get(path);
    if (page !== undefined) return { kind: 'page', methods: [page.method], page, parameter: '' };
    const prefix = MODEL_PREFIXES.find((candidate) => path.startsWith(candidate) && path.length > candidate.length);
    const parameter = prefix === undefined ? undefined : decodeSegment(path.slice(prefix.length));
    if (parameter === undefined) return undefined;
    return { kind: 'page', methods: [this.#oneModel.method], page: this.#oneModel, parameter };
  }

  /** Every endpoint with its method, for `/routes` and the documentation. */
  list(): readonly { readonly path: string; readonly methods: readonly string[] }[] {
    return [
      ...CALL_PATHS.map((path) => ({ path, methods: ['POST'] })),
      ...STORED_PATHS,
      ...Array.from(this.#pages, ([path, page]) => ({ path, methods: [page.method] })),
      ...MODEL_PREFIXES.map((prefix) => ({ path: `${prefix}{id}`, methods: [this.#oneModel.method] })),
    ];
  }
}
