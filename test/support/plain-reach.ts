import { plainPool } from './plain-routing.ts';
import { without } from './tag-case.ts';
import type { TagCase } from './tag-case.ts';

/** One name at least for whatever the patterns of generated cases can have in common. */
const WITNESSES = ['a', 'b', 'c', 'x:1', 'x:2', 'default', 'teamA', 'zzz', '1', 'a1', 'x:', 'de', 'tA', 'de1', 'q', 'é']
  .concat(['A', '!a', '&a', 'route:a', 'x:*', 'aA', 'default1', 't1A', 'ab', 'dea', 'q1', 'x:a'])
  .concat(['*', '**', 'a*', '*1', 'de*', 't*A']);

/** The pool over every call that the case's principal may make. */
export function plainReach(given: TagCase): string[] {
  const prefix = given.router.tag_routing_prefix ?? '';
  const quiet = without(given.request, 'header', 'metadata_tags', 'litellm_metadata_tags');
  const calls = [[], ...WITNESSES.map((name) => [`${prefix}${name}`])];
  return [...new Set(calls.flatMap((tags) => plainPool({ ...given, request: { ...quiet, tags } })))].sort();
}
