import type { Json, JsonObject } from '../contract.ts';
import type { FieldProblem } from '../fields/json-problem.ts';

/** Who changes a record, when, and what the gateway's settings say of tags. */
export interface BuildContext {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** As audit entries name them: see `actorOf`. */
  readonly actor: string;
  /** `router_settings.tag_routing_prefix`; empty: none. */
  readonly prefix: string;
}

/** What `readBody` makes of a body, as far as a record is built from it. */
export interface Given<F> {
  readonly value: F;
  readonly extra: JsonObject;
}

export type Built<R> =
  | { readonly ok: true; readonly record: R }
  | { readonly ok: false; readonly problem: FieldProblem };

/** The next value of a field: left out, it stays; null deletes, and what is deleted reads as `blank`. */
export function next<T>(given: T | null | undefined, was: T, blank: T): T {
  return given === undefined ? was : (given ?? blank);
}

/** The texts, each once, in order. */
export function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

/** `given` over `was`, name by name; a null deletes its name. */
export function merged(was: JsonObject, given: Readonly<Record<string, unknown>> | null | undefined): JsonObject {
  const both = new Map<string, Json>(Object.entries(was));
  // What stands in a body was JSON before it was read.
  for (const [name, value] of Object.entries((given ?? {}) as JsonObject)) {
    if (value === null) both.delete(name);
    else both.set(name, value);
  }
  return Object.fromEntries(both);
}

interface Stamps {
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

export function created({ now, actor }: BuildContext): Stamps {
  return { createdAt: now, createdBy: actor, updatedAt: now, updatedBy: actor };
}

/** The time of a change never stands still: whoever read the record before can tell that it changed. */
export function updated(was: Stamps, { now, actor }: BuildContext): Pick<Stamps, 'updatedAt' | 'updatedBy'> {
  return { updatedAt: Math.max(now, was.updatedAt + 1), updatedBy: actor };
}
