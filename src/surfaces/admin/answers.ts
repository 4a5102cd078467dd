import { z } from 'zod';
import { keyGenerate, keyUpdate } from '../../accounts/fields/key-bodies.ts';
import { projectNew } from '../../accounts/fields/project-bodies.ts';
import type { BodyShape } from '../../accounts/fields/read-body.ts';
import { tagNew } from '../../accounts/fields/tag-bodies.ts';
import { teamNew } from '../../accounts/fields/team-bodies.ts';
import { userNew } from '../../accounts/fields/user-bodies.ts';

/** A field of an answer, with its line in the documentation. */
export function said<S extends z.ZodType>(schema: S, description: string): S {
  return schema.meta({ description });
}

const anyObject = z.record(z.string(), z.unknown());
const time = z.string().nullable();
const textOrNull = z.string().nullable();

export const WARNINGS = said(
  z.array(z.string()),
  'What was taken and will not do what one may think: fields that are not acted on, tags that nothing carries.',
);

/** Fields that only ask for something, and stand in no row. */
const NOT_SHOWN = ['key', 'duration', 'key_type', 'send_invite_email', 'auto_create_key', 'expires', 'password'];

function shownFields(shape: BodyShape, notShown: readonly string[] = []): Record<string, z.ZodType> {
  const entries = Object.entries(shape.shape as Record<string, z.ZodType>);
  return Object.fromEntries(entries.filter(([name]) => !NOT_SHOWN.includes(name) && !notShown.includes(name)));
}

const STAMPS = {
  created_at: said(time, 'When it was made, ISO 8601.'),
  created_by: said(textOrNull, 'Who made it: `master`, or the id of a user or key.'),
  updated_at: said(time, 'When it was last changed.'),
  updated_by: said(textOrNull, 'Who last changed it.'),
};

const SPENT = {
  spend: said(z.number().nullable(), 'US dollars spent; null while nothing counts them.'),
  budget_reset_at: said(time, 'When the budget begins again.'),
};

const BUDGET_TABLE = said(anyObject.nullable(), 'The limits once more, where clients of LiteLLM look for them.');

const KEY_FIELDS = {
  ...shownFields(keyGenerate),
  ...shownFields(keyUpdate),
  token: said(z.string(), 'SHA-256 of the key in hex: its id. May stand for the key wherever one is named.'),
  key_name: said(z.string(), '`sk-...` and the last four characters.'),
  expires: said(time, 'When the key ends; null: never.'),
  service_account: said(z.boolean(), 'True: a key of a team and of nobody in it.'),
  replaced_by: said(textOrNull, 'The token of the key that took its place, while this one lives out its grace period.'),
  model_spend: said(anyObject, 'Kept for clients of LiteLLM.'),
  ...SPENT,
  ...STAMPS,
};

export const keyRowAnswer = z.strictObject(KEY_FIELDS);

export const keyInfoAnswer = z.strictObject({
  key: said(z.string(), 'The token of the key, however it was named.'),
  info: said(keyRowAnswer, 'The key.'),
});

export const keyMadeAnswer = z.strictObject({
  ...KEY_FIELDS,
  key: said(z.string(), 'The key. It is shown this once, and kept nowhere.'),
  token_id: said(z.string(), 'The same as `token`.'),
  litellm_budget_table: BUDGET_TABLE,
  warnings: WARNINGS,
});

export const keyChangedAnswer = z.strictObject({
  ...KEY_FIELDS,
  key: said(z.string(), 'The token of the key, however it was named.'),
  warnings: WARNINGS,
});

const MEMBERSHIPS = said(
  z.array(
    z.strictObject({
      user_id: said(z.string(), 'The member.'),
      team_id: said(z.string(), 'The team.'),
      role: said(z.string(), '`admin` or `user`.'),
      spend: SPENT.spend,
      budget_id: said(textOrNull, 'Kept for clients of LiteLLM.'),
      litellm_budget_table: BUDGET_TABLE,
    }),
  ),
  'The members with what they may spend in the team.',
);

const TEAM_FIELDS = {
  ...shownFields(teamNew),
  members_with_roles: said(
    z.array(
      z.strictObject({
        user_id: said(z.string(), 'The member.'),
        user_email: said(textOrNull, 'Kept for clients of LiteLLM.'),
        role: said(z.string(), '`admin` or `user`.'),
      }),
    ),
    'The members.',
  ),
  ...SPENT,
  ...STAMPS,
};

export const teamRowAnswer = z.strictObject(TEAM_FIELDS);
export const teamMadeAnswer = z.strictObject({ ...TEAM_FIELDS, warnings: WARNINGS });

export const teamChangedAnswer = z.strictObject({
  team_id: said(z.string(), 'The team.'),
  data: said(teamRowAnswer, 'The team as it now is.'),
  warnings: WARNINGS,
});

const KEYS = said(
  z.array(keyRowAnswer),
  'The newest keys of it within your sight, up to 500. `/key/list` pages through all.',
);

export const teamInfoAnswer = z.strictObject({
  team_id: said(z.string(), 'The team.'),
  team_info: said(teamRowAnswer, 'The team.'),
  keys: KEYS,
  team_memberships: MEMBERSHIPS,
});

const TEAM_ENTRY = z.strictObject({ ...TEAM_FIELDS, keys: KEYS, team_memberships: MEMBERSHIPS });
export const teamListAnswer = z.array(TEAM_ENTRY);

export const membersAnswer = z.strictObject({
  ...TEAM_FIELDS,
  team_memberships: MEMBERSHIPS,
  warnings: WARNINGS,
});

const PROJECT_FIELDS = { ...shownFields(projectNew), ...SPENT, ...STAMPS };
export const projectRowAnswer = z.strictObject(PROJECT_FIELDS);
export const projectMadeAnswer = z.strictObject({ ...PROJECT_FIELDS, warnings: WARNINGS });

const USER_FIELDS = { ...shownFields(userNew, ['key_alias', 'aliases']), ...SPENT, ...STAMPS };
export const userRowAnswer = z.strictObject(USER_FIELDS);

export const userMadeAnswer = z.strictObject({
  ...USER_FIELDS,
  key: said(textOrNull, "The user's first key; null where none was wanted. It is shown this once, and kept nowhere."),
  token: said(textOrNull, 'Its token.'),
  key_name: said(textOrNull, '`sk-...` and its last four characters.'),
  key_alias: said(textOrNull, 'Its alias.'),
  expires: said(time, 'When it ends; null: never.'),
  warnings: WARNINGS,
});

export const userChangedAnswer = z.strictObject({
  user_id: said(z.string(), 'The user.'),
  data: said(userRowAnswer, 'The user as it now is.'),
  warnings: WARNINGS,
});

export const userInfoAnswer = z.strictObject({
  user_id: said(z.string(), 'The user.'),
  user_info: said(userRowAnswer, 'The user.'),
  keys: KEYS,
  teams: said(z.array(teamRowAnswer), 'The teams that the user is a member of.'),
});

const TAG_FIELDS = { ...shownFields(tagNew), litellm_budget_table: BUDGET_TABLE, ...SPENT, ...STAMPS };
export const tagRowAnswer = z.strictObject(TAG_FIELDS);

export const tagChangedAnswer = z.strictObject({
  message: said(z.string(), 'What was done.'),
  tag: said(tagRowAnswer, 'The tag as it now is.'),
  warnings: WARNINGS,
});

export const messageAnswer = z.strictObject({ message: said(z.string(), 'What was done.') });

export const modelRowAnswer = z.strictObject({
  model_id: said(z.string(), 'The deployment.'),
  model_name: said(z.string(), 'The group that it belongs to.'),
  litellm_params: said(anyObject, 'As in the config, without credentials.'),
  model_info: said(anyObject, 'As in the config; `db_model` is true.'),
  ...STAMPS,
  warnings: WARNINGS,
});

const NEXT_CURSOR = said(textOrNull, 'Send it as `cursor` for the next page; null: there is no more.');

export const keyListAnswer = z.strictObject({
  keys: said(z.array(z.union([z.string(), keyRowAnswer])), 'Tokens; with `return_full_object=true` the keys.'),
  total_count: said(z.int(), 'All that match.'),
  current_page: said(z.int(), 'The page.'),
  total_pages: said(z.int(), 'How many there are.'),
  next_cursor: NEXT_CURSOR,
});

/** A page of LiteLLM's other lists; `name`: what its entries are called there. */
export function pageAnswer(name: string, entry: z.ZodType, description: string): z.ZodType {
  return z.strictObject({
    [name]: said(z.array(entry), description),
    total: said(z.int(), 'All that match.'),
    page: said(z.int(), 'The page.'),
    page_size: said(z.int(), 'Entries a page.'),
    total_pages: said(z.int(), 'How many there are.'),
    next_cursor: NEXT_CURSOR,
  });
}

export const teamPageAnswer = pageAnswer('teams', teamRowAnswer, 'The teams.');

export const auditRowAnswer = z.strictObject({
  id: said(z.string(), 'The entry.'),
  at: said(time, 'When.'),
  actor: said(z.string(), 'Who: `master`, or the id of a user or key.'),
  action: said(z.string(), '`created`, `updated`, `deleted`, `blocked`, `unblocked`, `regenerated` or `denied`.'),
  object_type: said(z.string(), '`key`, `team`, `project`, `user`, `tag` or `model`.'),
  object_id: said(z.string(), 'What was changed.'),
  before: said(anyObject.nullable(), 'As it was; of a change only the fields that changed. Never a secret.'),
  after: said(anyObject.nullable(), 'As it became.'),
});

const REASON = z.strictObject({
  code: said(z.string(), 'For programs.'),
  text: said(z.string(), 'For people.'),
});

export const reachAnswer = z.strictObject({
  groups: said(
    z.array(
      z.strictObject({
        group: said(z.string(), 'The group.'),
        reachable: said(z.boolean(), 'True: some call to it can be served.'),
        deployments: said(
          z.array(
            z.strictObject({
              id: said(z.string(), 'The deployment.'),
              reachable: said(z.boolean(), 'True: some call can get to it.'),
              reasons: said(z.array(REASON), 'Why not, or under which condition.'),
            }),
          ),
          'Its deployments. Whoever is no admin sees those within reach only.',
        ),
      }),
    ),
    'The groups.',
  ),
  config_version: said(z.string(), 'The config that this was worked out from.'),
});
