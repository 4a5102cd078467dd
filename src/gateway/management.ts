import type { Exchange } from './exchange.ts';
import type { Snapshot } from './snapshot.ts';
import type { Stamp } from './stamp.ts';

/** One request to the management API, before anything but its path and method is known. */
export interface ManagementVisit {
  readonly exchange: Exchange;
  readonly stamp: Stamp;
  readonly snapshot: Snapshot;
}

/** The management API, as the front door sees it: asked only for paths that the data plane does not have. */
export interface ManagementSurface {
  /** The methods that a path takes; undefined: it has no such path. Costs a look-up, whatever the path. */
  methodsOf(path: string): readonly string[] | undefined;
  /** Every path with its methods, for `/routes` and the documentation. */
  list(): readonly { readonly path: string; readonly methods: readonly string[] }[];
  /** Answers, or rejects with what the front door turns into an answer. */
  handle(visit: ManagementVisit): Promise<void>;
}
