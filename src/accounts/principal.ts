import type { TagPolicy } from '../core/routing/facts.ts';
import type { ModelAccess } from './model-access.ts';

/** Who is calling, and what they may do. Frozen: the same object stands for every call of a key. */
export interface Principal {
  /** `master` may do everything; a `key` what its policy allows. */
  readonly kind: 'master' | 'key';
  /** For logs: `master`, or the id of the key. Never the key itself. */
  readonly id: string;
  /** Its tags and grants. The same object for every call: compiled routing tables remember it by identity. */
  readonly policy: TagPolicy;
  /** What a stored key brings besides; absent: the master key, or a source without accounts. */
  readonly account?: PrincipalAccount;
}

/** A stored key, as far as a call is concerned. */
export interface PrincipalAccount {
  /** Lower-case hex SHA-256 of the key. */
  readonly token: string;
  readonly alias: string | null;
  readonly teamId: string | null;
  readonly userId: string | null;
  readonly projectId: string | null;
  /** Milliseconds since 1970; null: never. */
  readonly expiresAt: number | null;
  readonly models: ModelAccess;
  /** Other names that the key, or its team, gives to groups. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Routes or names of route groups that the key may use; empty: all that its role allows. */
  readonly allowedRoutes: readonly string[];
}

/** Where keys other than the master key are looked up. A source that fails rejects: the call is then refused. */
export interface PrincipalSource {
  /** `keyDigest`: lower-case hex SHA-256 of the key as sent. Undefined: no such key. */
  find(keyDigest: string): Promise<Principal | undefined>;
}

/** A source without any key. */
export const NO_KEYS: PrincipalSource = { find: async () => undefined };

/** The principal of the master key. */
export const MASTER: Principal = Object.freeze({
  kind: 'master',
  id: 'master',
  policy: Object.freeze({ master: true, policyTags: {}, onUnpermittedTag: 'reject', enableTagFiltering: false }),
});
