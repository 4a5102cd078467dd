import type { Given } from '../build/build.ts';
import { newTag, updatedTag } from '../build/tag.ts';
import type { TagRecord } from '../contract.ts';
import type { TagFields } from '../fields/tag-bodies.ts';
import { buildContext, type AccountsParts, type Ask } from './ask.ts';
import { auditEntry } from './audit.ts';
import { builtOrRefused, notFound } from './refusals.ts';
import { permitAtAll } from './scopes.ts';

type NamedFields = TagFields & { readonly name: string };

/** `POST /tag/new`: a row of the registry. A tag needs none to route. */
export async function makeTag(given: Given<NamedFields>, ask: Ask, parts: AccountsParts): Promise<TagRecord> {
  permitAtAll(ask);
  const tag = builtOrRefused(newTag(given, given.value.name, buildContext(ask, parts)));
  await parts.store.apply({
    put: { tags: [tag] },
    createOnly: true,
    audit: [auditEntry({ type: 'tag', id: tag.name, after: tag }, ask, parts)],
  });
  return tag;
}

/** `POST /tag/update`. */
export async function changeTag(given: Given<NamedFields>, ask: Ask, parts: AccountsParts): Promise<TagRecord> {
  const [was] = await readTags([given.value.name], ask, parts);
  if (was === undefined) throw notFound('tag', 'name');
  const tag = updatedTag(given, was, buildContext(ask, parts));
  await parts.store.apply({
    put: { tags: [tag] },
    expect: [{ type: 'tag', id: was.name, updatedAt: was.updatedAt }],
    audit: [auditEntry({ type: 'tag', id: tag.name, before: was, after: tag }, ask, parts)],
  });
  return tag;
}

/** `POST /tag/info`. */
export async function readTags(
  names: readonly string[],
  ask: Ask,
  parts: AccountsParts,
): Promise<readonly TagRecord[]> {
  permitAtAll(ask);
  const found = await Promise.all(names.map(async (name) => await parts.store.getTag(name)));
  return found.map((tag, index) => {
    if (tag === undefined) throw notFound('tag', names.length === 1 ? 'name' : `names[${index}]`);
    return tag;
  });
}

/** `POST /tag/delete`. Deployments, keys and teams keep the tag. */
export async function deleteTag(name: string, ask: Ask, parts: AccountsParts): Promise<TagRecord> {
  const [before] = await readTags([name], ask, parts);
  if (before === undefined) throw notFound('tag', 'name');
  await parts.store.apply({
    remove: { tag: [name] },
    audit: [auditEntry({ type: 'tag', id: name, before }, ask, parts)],
  });
  return before;
}
