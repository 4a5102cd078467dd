export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** `POST /key/generate`; a part in braces stands for one segment. */
export type RouteName = `${Method} /${string}`;

/** Every route of the management API by name. Apart from the routes themselves, so that a start loads none of them. */
export const ROUTE_NAMES = [
  'POST /key/generate',
  'POST /key/service-account/generate',
  'POST /key/update',
  'GET /key/info',
  'GET /key/list',
  'POST /key/delete',
  'POST /key/block',
  'POST /key/unblock',
  'POST /key/regenerate',
  'POST /key/{key}/regenerate',
  'POST /key/health',
  'GET /key/reach',
  'POST /team/new',
  'POST /team/update',
  'GET /team/info',
  'GET /team/list',
  'GET /v2/team/list',
  'POST /team/delete',
  'POST /team/block',
  'POST /team/unblock',
  'POST /team/member_add',
  'POST /team/member_update',
  'POST /team/member_delete',
  'GET /team/reach',
  'POST /user/new',
  'POST /user/update',
  'GET /user/info',
  'GET /user/list',
  'POST /user/delete',
  'POST /project/new',
  'POST /project/update',
  'GET /project/info',
  'GET /project/list',
  'DELETE /project/delete',
  'POST /tag/new',
  'POST /tag/update',
  'POST /tag/info',
  'GET /tag/list',
  'POST /tag/delete',
  'POST /model/new',
  'POST /model/update',
  'POST /model/delete',
  'GET /audit',
  'GET /openapi.json',
  'GET /docs',
] as const satisfies readonly RouteName[];

interface KnownPath {
  readonly path: string;
  readonly methods: readonly Method[];
}

/** Looks paths up without loading what stands behind them. */
export class PathTable {
  readonly #exact = new Map<string, Method[]>();
  readonly #patterns: { readonly path: string; readonly pattern: RegExp; readonly methods: Method[] }[] = [];

  constructor(names: readonly RouteName[]) {
    for (const name of names) this.#add(name);
  }

  methodsOf(path: string): readonly Method[] | undefined {
    return this.#exact.get(path) ?? this.#patterns.find(({ pattern }) => pattern.test(path))?.methods;
  }

  list(): readonly KnownPath[] {
    return [
      ...Array.from(this.#exact, ([path, methods]) => ({ path, methods })),
      ...this.#patterns.map(({ path, methods }) => ({ path, methods })),
    ];
  }

  #add(name: RouteName): void {
    const [method, path] = name.split(' ') as [Method, string];
    if (!path.includes('{')) {
      this.#exact.set(path, [...(this.#exact.get(path) ?? []), method]);
      return;
    }
    const pattern = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
    this.#patterns.push({ path, pattern, methods: [method] });
  }
}
