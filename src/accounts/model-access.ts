import { compileGlob, globCovered, isGlob, type Glob } from '../core/base/glob.ts';

/** What a call asks for, by every name that a list of models may use. */
export interface AskedModel {
  /** The name after aliases; undefined where a deployment id was asked for: ids are not names. */
  readonly requested: string | undefined;
  /** The configured group that would serve. */
  readonly group: string;
}

/** `model_info.access_groups`: the groups that stand behind each access group's name. */
export type AccessGroups = ReadonlyMap<string, ReadonlySet<string>>;

/** Which models a principal may ask for: every list must allow it. No list: all. */
export interface ModelAccess {
  readonly lists: readonly (readonly string[])[];
  allows(model: AskedModel, accessGroups: AccessGroups): boolean;
}

/** Entries of a key's list that stand for the list of the next scope, or for everything. */
const ALL = new Set(['all-team-models', 'all-proxy-models', '*']);
/** Allows nothing by itself. Source: LiteLLM's special values of `models`. */
export const NOTHING = 'no-default-models';

/** Puts the lists of key, team, project and user together. An empty list, or one that names all, is none. */
export function modelAccess(lists: readonly (readonly string[])[]): ModelAccess {
  const binding = lists.filter((list) => list.length > 0 && !list.some((entry) => ALL.has(entry)));
  const compiled = binding.map(compileList);
  return {
    lists: binding,
    allows: (model, accessGroups) => compiled.every((list) => list(model, accessGroups)),
  };
}

type ListTest = (model: AskedModel, accessGroups: AccessGroups) => boolean;

function compileList(list: readonly string[]): ListTest {
  const entries = list.filter((entry) => entry !== NOTHING);
  const names = new Set(entries);
  const patterns: Glob[] = entries.filter(isGlob).map(compileGlob);
  const named = (name: string): boolean => names.has(name) || patterns.some((pattern) => pattern.matches(name));
  return ({ requested, group }, accessGroups) =>
    named(group) || (requested !== undefined && named(requested)) || inAccessGroup(named, { group, accessGroups });
}

/** A pattern takes access groups as it takes models: it would not cover all entries that it matches otherwise. */
function inAccessGroup(
  named: (name: string) => boolean,
  { group, accessGroups }: { group: string; accessGroups: AccessGroups },
): boolean {
  for (const [name, groups] of accessGroups) if (groups.has(group) && named(name)) return true;
  return false;
}

/**
 * True when everything that `next` allows is allowed by `granter`, now and after any change of the config: each of the granter's
 * lists covers one of the next one's lists, entry by entry. It may answer no where a case by case look would find yes.
 */
export function coversModels(granter: ModelAccess, next: ModelAccess): boolean {
  return granter.lists.every((outer) => next.lists.some((inner) => listCovers(outer, inner)));
}

function listCovers(outer: readonly string[], inner: readonly string[]): boolean {
  return inner.every((entry) => entry === NOTHING || outer.includes(entry) || globCovered(entry, outer.filter(isGlob)));
}
