import { z } from 'zod';
import { tagDelete, tagInfo, tagNew, tagUpdate } from '../../../accounts/fields/tag-bodies.ts';
import { listTags } from '../../../accounts/service/lists.ts';
import { changeTag, deleteTag, makeTag, readTags } from '../../../accounts/service/tags.ts';
import { tagRow } from '../../../accounts/views/other-views.ts';
import { messageAnswer, tagChangedAnswer, tagRowAnswer } from '../answers.ts';
import { route, type AdminRoute } from '../route.ts';

/** LiteLLM's list has no pages. */
const MOST_TAGS = 500;

export const TAG_ROUTES: readonly AdminRoute[] = [
  route('POST /tag/new', {
    permission: 'tag.create',
    summary: 'Registers a tag: description, owner, limits. To route, a tag needs no entry here.',
    body: tagNew,
    answer: tagChangedAnswer,
    run: async ({ ask, body }, parts) => {
      const tag = await makeTag(body, ask, parts);
      return { message: `Tag ${tag.name} created successfully`, tag: tagRow(tag), warnings: body.warnings };
    },
  }),
  route('POST /tag/update', {
    permission: 'tag.update',
    summary: 'Changes the entry of a tag. What is left out stays; an explicit null deletes.',
    body: tagUpdate,
    answer: tagChangedAnswer,
    run: async ({ ask, body }, parts) => {
      const tag = await changeTag(body, ask, parts);
      return { message: `Tag ${tag.name} updated successfully`, tag: tagRow(tag), warnings: body.warnings };
    },
  }),
  route('POST /tag/info', {
    permission: 'tag.read',
    summary: 'Shows entries of tags, by name.',
    body: tagInfo,
    answer: z.record(z.string(), tagRowAnswer),
    run: async ({ ask, body }, parts) => {
      const tags = await readTags(body.value.names, ask, parts);
      return Object.fromEntries(tags.map((tag) => [tag.name, tagRow(tag)]));
    },
  }),
  route('GET /tag/list', {
    permission: 'tag.list',
    summary: 'Lists the entries of tags, up to 500.',
    answer: z.array(tagRowAnswer),
    run: async ({ ask }, parts) => {
      const query = { size: MOST_TAGS, sortBy: 'created_at', sortOrder: 'asc' } as const;
      return (await listTags(query, ask, parts)).entries.map((tag) => tagRow(tag));
    },
  }),
  route('POST /tag/delete', {
    permission: 'tag.delete',
    summary: 'Deletes the entry of a tag. Deployments, keys and teams keep the tag.',
    body: tagDelete,
    answer: messageAnswer,
    run: async ({ ask, body }, parts) => {
      const tag = await deleteTag(body.value.name, ask, parts);
      return { message: `Tag ${tag.name} deleted successfully` };
    },
  }),
];
