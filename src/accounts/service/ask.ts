import type { RoutingTable } from '../../core/routing/table.ts';
import type { BuildContext } from '../build/build.ts';
import { can, type Action, type Owned } from '../can.ts';
import type { AccountStore, KeyContext } from '../contract.ts';
import { actorOf, type Subject } from '../subject.ts';

/** Who asks the management API. `context`: the key that asks, with its team, project and user; null: the master key. */
export interface Caller {
  readonly subject: Subject;
  readonly context: KeyContext | null;
}

/** One request: who asks, and the action that its route declares. */
export interface Ask {
  readonly caller: Caller;
  readonly action: Action;
}

/** What the services work with. */
export interface AccountsParts {
  readonly store: AccountStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly newId: () => string;
  /** A cryptographic source. */
  readonly randomBytes: (size: number) => Uint8Array;
  /** The routing table in force. */
  readonly table: () => RoutingTable;
}

/** The one check that every service makes: whether the caller may do what its route declares to a thing of `object`'s. */
export function may({ caller, action }: Ask, object: Owned = {}): boolean {
  return can(caller.subject, action, object);
}

export function buildContext(ask: Ask, parts: AccountsParts): BuildContext {
  return { now: parts.now(), actor: actorOf(ask.caller.subject), prefix: parts.table().config.settings.prefix };
}
