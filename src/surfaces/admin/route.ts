import type { z } from 'zod';
import { ACTIONS, type Action } from '../../accounts/can.ts';
import type { BodyReading, BodyShape } from '../../accounts/fields/read-body.ts';
import type { Ask } from '../../accounts/service/ask.ts';
import type { ModelParts } from '../../accounts/service/models.ts';
import type { ReachParts } from '../../accounts/service/reach.ts';
import type { RouteName } from './paths.ts';

/** What a route is asked with: everything read, checked for shape, and not yet for permission. */
export interface Asked<S extends BodyShape, Q> {
  readonly ask: Ask;
  readonly body: Extract<BodyReading<S>, { ok: true }>;
  readonly query: Q;
  /** The parts of the path in braces. */
  readonly params: Readonly<Record<string, string>>;
}

/** What a route works with besides. */
export interface RouteParts extends ModelParts, ReachParts {}

/** An answer that is written in pieces, a text each. */
export interface TextStream {
  readonly contentType: string;
  readonly pieces: AsyncIterable<string>;
}

/** One route of the management API. Its permission is what its service asks `can` about: without one it does not start. */
export interface AdminRoute {
  readonly name: RouteName;
  readonly permission: Action;
  /** One line for the documentation. */
  readonly summary: string;
  readonly body: BodyShape | undefined;
  readonly query: z.ZodObject | undefined;
  readonly answer: z.ZodType;
  readonly run: (asked: Asked<BodyShape, never>, parts: RouteParts) => Promise<object>;
}

interface RouteInit<S extends BodyShape, Q extends z.ZodObject> {
  readonly permission: Action;
  readonly summary: string;
  readonly body?: S;
  readonly query?: Q;
  readonly answer: z.ZodType;
  readonly run: (asked: Asked<S, z.output<Q>>, parts: RouteParts) => Promise<object>;
}

/** Declares a route; what it is run with has the types of its body and query. */
export function route<S extends BodyShape = BodyShape, Q extends z.ZodObject = z.ZodObject>(
  name: RouteName,
  init: RouteInit<S, Q>,
): AdminRoute {
  return { body: undefined, query: undefined, ...init, name, run: init.run };
}

/** Refuses to start with a route that nobody was asked about. */
export function requirePermissions(routes: readonly AdminRoute[]): readonly AdminRoute[] {
  const known: ReadonlySet<unknown> = new Set(ACTIONS);
  for (const { name, permission } of routes) {
    if (!known.has(permission)) throw new TypeError(`The route ${name} declares no permission that is known.`);
  }
  return routes;
}
