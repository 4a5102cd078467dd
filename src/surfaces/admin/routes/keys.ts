import { z } from 'zod';
import { can } from '../../../accounts/can.ts';
import type { KeyFilter } from '../../../accounts/contract.ts';
import {
  keyBlock,
  keyDelete,
  keyGenerate,
  keyRegenerate,
  keyServiceAccount,
  keyUpdate,
} from '../../../accounts/fields/key-bodies.ts';
import { blockKey, changeKey, deleteKeys, makeKey, readKey, regenerateKey } from '../../../accounts/service/keys.ts';
import { listKeys } from '../../../accounts/service/lists.ts';
import { reachOfKey } from '../../../accounts/service/reach.ts';
import { tokenFrom } from '../../../accounts/service/scopes.ts';
import { warningsForKey } from '../../../accounts/service/tag-warnings.ts';
import { generatedKey, keyInfo, keyRow } from '../../../accounts/views/key-views.ts';
import { keyPage } from '../../../accounts/views/page-views.ts';
import { GatewayError } from '../../../core/errors/gateway-error.ts';
import {
  keyChangedAnswer,
  keyInfoAnswer,
  keyListAnswer,
  keyMadeAnswer,
  keyRowAnswer,
  reachAnswer,
  said,
} from '../answers.ts';
import { flagOf, listQuery, pageFields, text } from '../query.ts';
import { route, type AdminRoute, type Asked, type RouteParts } from '../route.ts';

const NAMED = z.object({
  key: text.optional().meta({ description: 'The key, or its hash. Left out: the key that asks.' }),
});

const make =
  (serviceAccount: boolean) =>
  async ({ ask, body }: Asked<typeof keyGenerate, unknown>, parts: RouteParts): Promise<object> => {
    const { context, minted } = await makeKey({ ...body, serviceAccount }, ask, parts);
    const warnings = [...body.warnings, ...warningsForKey(context, context.key.tags, { ask, parts })];
    return generatedKey(context.key, { minted, warnings });
  };

const block =
  (blocked: boolean) =>
  async ({ ask, body }: Asked<typeof keyBlock, unknown>, parts: RouteParts): Promise<object> =>
    keyRow((await blockKey({ key: body.value.key, blocked }, ask, parts)).context.key);

async function regenerate(
  { ask, body, params }: Asked<typeof keyRegenerate, unknown>,
  parts: RouteParts,
): Promise<object> {
  const named = params['key'] ?? body.value.key ?? ask.caller.context?.key.token;
  if (named === undefined) {
    throw new GatewayError('missing_field', { message: 'key is missing.', param: 'key' });
  }
  const { context, minted } = await regenerateKey({ named, given: body }, ask, parts);
  return generatedKey(context.key, { minted, warnings: body.warnings });
}

const LIST_FIELDS = z.object({
  ...pageFields('size'),
  user_id: text.optional().meta({ description: 'Keys of this user.' }),
  team_id: text.optional().meta({ description: 'Keys of this team.' }),
  project_id: text.optional().meta({ description: 'Keys of this project.' }),
  key_alias: text.optional().meta({ description: 'The key of this alias.' }),
  key_hash: text.optional().meta({ description: 'The key of this hash.' }),
  organization_id: text.optional().meta({ description: 'Finds nothing: there are no organisations above teams.' }),
  search: text.optional().meta({ description: 'A part of the alias, the hash or the key name.' }),
  return_full_object: flagOf().optional().meta({ description: 'True: keys with all their fields, not tokens alone.' }),
  include_team_keys: flagOf().optional().meta({
    description: 'Taken for clients of LiteLLM: keys of the teams that you administer are always in the list.',
  }),
  include_created_by_keys: flagOf().optional().meta({ description: 'Taken for clients of LiteLLM, without effect.' }),
});

async function list({ ask, query }: Asked<never, z.output<typeof LIST_FIELDS>>, parts: RouteParts): Promise<object> {
  // No key has such a hash: what names no key, and what no key has, finds none.
  const nothing = '-';
  const hash = query.key_hash === undefined ? undefined : (tokenFrom(query.key_hash) ?? nothing);
  const given: [keyof KeyFilter, string | undefined][] = [
    ['userId', query.user_id],
    ['teamId', query.team_id],
    ['projectId', query.project_id],
    ['alias', query.key_alias],
    ['token', query.organization_id === undefined ? hash : nothing],
    ['search', query.search],
  ];
  const filter: KeyFilter = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  const paging = listQuery(query, query.size);
  const page = await listKeys({ filter, query: paging }, ask, parts);
  const full = query.return_full_object === true;
  return keyPage(
    page,
    paging,
    page.entries.map((key) => (full ? keyRow(key) : key.token)),
  );
}

export const KEY_ROUTES: readonly AdminRoute[] = [
  route('POST /key/generate', {
    permission: 'key.create',
    summary: 'Makes a key. The answer is the one place where it is shown.',
    body: keyGenerate,
    answer: keyMadeAnswer,
    run: make(false),
  }),
  route('POST /key/service-account/generate', {
    permission: 'key.create',
    summary: 'Makes a key of a team and of nobody in it.',
    body: keyServiceAccount,
    answer: keyMadeAnswer,
    run: async (asked, parts) => make(true)(asked as unknown as Asked<typeof keyGenerate, unknown>, parts),
  }),
  route('POST /key/update', {
    permission: 'key.update',
    summary: 'Changes a key. What is left out stays; an explicit null deletes.',
    body: keyUpdate,
    answer: keyChangedAnswer,
    run: async ({ ask, body }, parts) => {
      const { context, was } = await changeKey(body, ask, parts);
      const added = context.key.tags.filter((tag) => was?.tags.includes(tag) !== true);
      const warnings = [...body.warnings, ...warningsForKey(context, added, { ask, parts })];
      return { ...keyRow(context.key), key: context.key.token, warnings };
    },
  }),
  route('GET /key/info', {
    permission: 'key.read',
    summary: 'Shows a key; without `key` the one that asks.',
    query: NAMED,
    answer: keyInfoAnswer,
    run: async ({ ask, query }, parts) => keyInfo((await readKey(query.key, ask, parts)).key),
  }),
  route('GET /key/list', {
    permission: 'key.list',
    summary: 'Lists keys: your own, those of teams that you administer; all for proxy admins.',
    query: LIST_FIELDS,
    answer: keyListAnswer,
    run: list,
  }),
  route('POST /key/delete', {
    permission: 'key.delete',
    summary: 'Deletes keys for good: all that are named, or none.',
    body: keyDelete,
    answer: z.strictObject({ deleted_keys: said(z.array(z.string()), 'Tokens of the keys that are gone.') }),
    run: async ({ ask, body }, parts) => {
      const { keys, key_aliases: aliases } = body.value;
      if ((keys ?? []).length + (aliases ?? []).length === 0) {
        throw new GatewayError('missing_field', { message: 'Send keys or key_aliases.', param: 'keys' });
      }
      return { deleted_keys: await deleteKeys({ keys: keys ?? [], aliases: aliases ?? [] }, ask, parts) };
    },
  }),
  route('POST /key/block', {
    permission: 'key.block',
    summary: 'Blocks a key until it is unblocked.',
    body: keyBlock,
    answer: keyRowAnswer,
    run: block(true),
  }),
  route('POST /key/unblock', {
    permission: 'key.block',
    summary: 'Unblocks a key.',
    body: keyBlock,
    answer: keyRowAnswer,
    run: block(false),
  }),
  route('POST /key/regenerate', {
    permission: 'key.regenerate',
    summary: 'Makes another key in the place of one; with a grace period the old one goes on for a while.',
    body: keyRegenerate,
    answer: keyMadeAnswer,
    run: regenerate,
  }),
  route('POST /key/{key}/regenerate', {
    permission: 'key.regenerate',
    summary: 'The same, with the key (or its hash) in the path.',
    body: keyRegenerate,
    answer: keyMadeAnswer,
    run: regenerate,
  }),
  route('POST /key/health', {
    permission: 'key.read',
    summary: 'Says whether the key that asks can be used. There are no logging callbacks of keys to test.',
    answer: z.strictObject({
      key: said(z.string(), '`healthy`: whoever reads this has a key that works.'),
      logging_callbacks: said(z.null(), 'Kept for clients of LiteLLM.'),
    }),
    run: async ({ ask }, parts) => {
      if (ask.caller.context !== null) await readKey(undefined, ask, parts);
      return { key: 'healthy', logging_callbacks: null };
    },
  }),
  route('GET /key/reach', {
    permission: 'reach.key',
    summary: 'Every group and deployment, and whether the key can get to it by any call it may make.',
    query: NAMED,
    answer: reachAnswer,
    run: async ({ ask, query }, parts) => {
      const context = await readKey(query.key, ask, parts);
      return reachOfKey(context, { everything: can(ask.caller.subject, 'audit.read') }, parts);
    },
  }),
];
