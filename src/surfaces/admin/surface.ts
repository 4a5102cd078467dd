import type { ManagementSurface, ManagementVisit } from '../../gateway/management.ts';
import { PathTable, ROUTE_NAMES } from './paths.ts';

/** What answers the management API once it is loaded. */
export interface AdminApp {
  handle(visit: ManagementVisit): Promise<void>;
}

/** The management API, loaded with the first request to it: the data plane starts without. */
export class LazyAdminSurface implements ManagementSurface {
  readonly #paths = new PathTable(ROUTE_NAMES);
  readonly #load: () => Promise<AdminApp>;
  #app: Promise<AdminApp> | undefined;

  constructor(load: () => Promise<AdminApp>) {
    this.#load = load;
  }

  methodsOf(path: string): readonly string[] | undefined {
    return this.#paths.methodsOf(path);
  }

  list(): readonly { readonly path: string; readonly methods: readonly string[] }[] {
    return this.#paths.list();
  }

  async handle(visit: ManagementVisit): Promise<void> {
    this.#app ??= this.#load();
    const app = await this.#app.catch((error: unknown) => {
      // The next request tries again.
      this.#app = undefined;
      throw error;
    });
    await app.handle(visit);
  }
}
