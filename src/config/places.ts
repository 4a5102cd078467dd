import type { Place } from './contract.ts';
import type { Position } from '../core/base/problem.ts';

/** What a place can be asked for. Each kind's names: see `placeKey`. */
export type PlaceKind =
  | 'deployment.tags'
  | 'deployment.tag_regex'
  | 'deployment.private'
  | 'deployment.enable_tag_filtering'
  | 'deployment.weight'
  | 'fallback'
  | 'alias'
  | 'tag'
  | 'setting';

/**
 * The key of a place: `deployment.*` by deployment id (`deployment.tag_regex` with the index too), `fallback` by kind and group,
 * `alias` by alias, `tag` by declared pattern, `setting` by the setting's name.
 */
export function placeKey(kind: PlaceKind, ...names: readonly (string | number)[]): string {
  return JSON.stringify([kind, ...names]);
}

/** Collects places while a config is read. The first one of a key counts. */
export class Places {
  readonly #places = new Map<string, Place>();

  get all(): ReadonlyMap<string, Place> {
    return this.#places;
  }

  add(key: string, path: string, at: Position): void {
    if (!this.#places.has(key)) this.#places.set(key, { path, at });
  }
}
