import { InvalidArgumentError } from 'commander';

import type { PolicyScope, TagPolicy } from '../../../core/routing/facts.ts';

/** The flags of `waymark explain`, as commander hands them over. */
export interface ExplainFlags {
  readonly config?: string;
  readonly model: string;
  readonly tags?: readonly string[];
  readonly headerTags?: string;
  readonly userAgent?: string;
  readonly policyTags?: ScopedTags;
  readonly allowedTags?: readonly string[];
  readonly virtualKey?: boolean;
  readonly onUnpermittedTag: 'reject' | 'ignore';
  readonly enableTagFiltering?: boolean;
  readonly cooling?: readonly string[];
  readonly seed: number;
  readonly json?: boolean;
}

export type ScopedTags = Readonly<Partial<Record<PolicyScope, readonly string[]>>>;

const SCOPES: readonly PolicyScope[] = ['key', 'team', 'project'];

/** `a,b` or a flag given again: one list. Empty parts are dropped, as in the header `x-litellm-tags`. */
export function collectList(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...splitTags(text)];
}

/** A flag given again adds one more; commas are part of the value. */
export function collectOne(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** `team=a,b`, repeatable: the tags of a scope. */
export function collectScopedTags(text: string, before: ScopedTags = {}): ScopedTags {
  const equals = text.indexOf('=');
  const named = text.slice(0, Math.max(0, equals));
  const scope = SCOPES.find((name) => name === named);
  if (scope === undefined) {
    throw new InvalidArgumentError(`Write key=, team= or project= before the tags, for example team=${text}.`);
  }
  return { ...before, [scope]: [...(before[scope] ?? []), ...splitTags(text.slice(equals + 1))] };
}

/** A whole number from 0 to 2^32 - 1. */
export function readSeed(text: string): number {
  const seed = Number(text);
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xff_ff_ff_ff || text.trim() === '') {
    throw new InvalidArgumentError('Write a whole number from 0 to 4294967295.');
  }
  return seed;
}

/**
 * The policy that the flags describe: the master key unless `--virtual-key` or `--allowed-tags` makes it an ordinary one
 * (the request of `POST /route/explain` reads them the same way).
 */
export function policyOf(flags: ExplainFlags): TagPolicy {
  const ordinary = flags.virtualKey === true || flags.allowedTags !== undefined;
  return {
    master: !ordinary,
    policyTags: flags.policyTags ?? {},
    ...(flags.allowedTags === undefined ? {} : { allowedTags: flags.allowedTags }),
    onUnpermittedTag: flags.onUnpermittedTag,
    enableTagFiltering: flags.enableTagFiltering === true,
  };
}

function splitTags(text: string): string[] {
  return text.split(',').filter((part) => part.trim() !== '');
}
