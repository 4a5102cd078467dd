import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { descriptionOf, fateOf } from './field.ts';
import { keyDelete, keyBlock, keyGenerate, keyRegenerate, keyServiceAccount, keyUpdate } from './key-bodies.ts';
import { modelDelete, modelNew, modelUpdate } from './model-bodies.ts';
import { projectDelete, projectNew, projectUpdate } from './project-bodies.ts';
import { readBody, type BodyShape } from './read-body.ts';
import { tagDelete, tagInfo, tagNew, tagUpdate } from './tag-bodies.ts';
import * as team from './team-bodies.ts';
import { userDelete, userNew, userUpdate } from './user-bodies.ts';

const BODIES: Readonly<Record<string, BodyShape>> = {
  '/key/generate': keyGenerate,
  '/key/service-account/generate': keyServiceAccount,
  '/key/update': keyUpdate,
  '/key/regenerate': keyRegenerate,
  '/key/delete': keyDelete,
  '/key/block': keyBlock,
  '/team/new': team.teamNew,
  '/team/update': team.teamUpdate,
  '/team/delete': team.teamDelete,
  '/team/block': team.teamBlock,
  '/team/member_add': team.teamMemberAdd,
  '/team/member_update': team.teamMemberUpdate,
  '/team/member_delete': team.teamMemberDelete,
  '/user/new': userNew,
  '/user/update': userUpdate,
  '/user/delete': userDelete,
  '/project/new': projectNew,
  '/project/update': projectUpdate,
  '/project/delete': projectDelete,
  '/tag/new': tagNew,
  '/tag/update': tagUpdate,
  '/tag/info': tagInfo,
  '/tag/delete': tagDelete,
  '/model/new': modelNew,
  '/model/update': modelUpdate,
  '/model/delete': modelDelete,
};

function problem(shape: BodyShape, body: unknown): string {
  const reading = readBody(shape, body);
  return reading.ok ? 'fine' : `${reading.problem.code} ${reading.problem.field}: ${reading.problem.message}`;
}

describe('readBody', () => {
  it.each<[string, BodyShape, unknown, string]>([
    ['no object', keyGenerate, [], 'invalid_field body: The body is a list, not an object.'],
    [
      'a misspelt field',
      keyGenerate,
      { key_alais: 1 },
      'invalid_field key_alais: There is no field key_alais here. Did you mean key_alias?',
    ],
    [
      'a name of every object',
      keyGenerate,
      { constructor: 1 },
      'invalid_field constructor: There is no field constructor here.',
    ],
    ['a column of the table', keyGenerate, { token: 'x' }, 'invalid_field token: There is no field token here.'],
    ['a wrong type', keyGenerate, { max_budget: 'x' }, 'invalid_field max_budget: max_budget is a text, not a number.'],
    [
      'a wrong type in a list',
      keyGenerate,
      { tags: ['a', 1] },
      'invalid_field tags[1]: tags[1] is a number, not a text.',
    ],
    ['a negative budget', keyGenerate, { max_budget: -1 }, 'invalid_field max_budget: max_budget is negative.'],
    [
      'a huge budget',
      keyGenerate,
      { max_budget: 1e7 },
      'invalid_field max_budget: max_budget is more than 9000000 US dollars.',
    ],
    [
      'a budget that rounds to nothing',
      keyGenerate,
      { max_budget: 1e-12 },
      'invalid_field max_budget: max_budget is less than a billionth of a US dollar.',
    ],
    [
      'half a request',
      keyGenerate,
      { rpm_limit: 1.5 },
      'invalid_field rpm_limit: rpm_limit is a number, not a whole number.',
    ],
    ['an empty model', keyGenerate, { models: [''] }, 'invalid_field models[0]: models[0] is empty.'],
    ['white space', keyGenerate, { key_alias: ' a' }, 'invalid_field key_alias: key_alias has white space around it.'],
    [
      'a control character',
      keyGenerate,
      { key_alias: 'a\nb' },
      'invalid_field key_alias: key_alias has a control character in it.',
    ],
    [
      'a budget for ever anew',
      keyGenerate,
      { budget_duration: '-1' },
      'invalid_field budget_duration: budget_duration is no duration. Write a number and s, m, h, d, w or mo: 30s, 24h, 7d, 1mo.',
    ],
    [
      'a time without zone',
      keyGenerate,
      { expires: '2030-01-01' },
      'invalid_field expires: expires is no time. Write it as 2030-01-31T12:00:00Z.',
    ],
    [
      'a choice',
      keyGenerate,
      { on_unpermitted_tag: 'drop' },
      'invalid_field on_unpermitted_tag: on_unpermitted_tag is none of reject, ignore.',
    ],
    [
      'a misspelt field inside',
      keyGenerate,
      { router_settings: { enable_tag_filtring: true } },
      'invalid_field router_settings.enable_tag_filtring: There is no field router_settings.enable_tag_filtring here. Did you mean enable_tag_filtering?',
    ],
    [
      'an alias to nothing',
      keyGenerate,
      { aliases: { a: 1 } },
      'invalid_field aliases.a: aliases.a is a number, not a text.',
    ],
    [
      'a prototype',
      keyGenerate,
      JSON.parse('{"metadata":{"__proto__":{}}}'),
      'invalid_field metadata.__proto__: metadata.__proto__ cannot be used as a name.',
    ],
    [
      'a NUL',
      keyGenerate,
      { metadata: { a: ['\u0000'] } },
      'invalid_field metadata.a[0]: metadata.a[0] has a NUL character in it.',
    ],
    [
      'half a pair',
      keyGenerate,
      { metadata: { a: '\ud800' } },
      'invalid_field metadata.a: metadata.a has half a surrogate pair in it.',
    ],
    [
      'a name that cannot be kept',
      keyGenerate,
      { metadata: { '\u0000': 1 } },
      'invalid_field metadata: metadata has a name in it that cannot be kept.',
    ],
    [
      'a number beyond 2^53',
      keyGenerate,
      { metadata: { n: 2 ** 60 } },
      'invalid_field metadata.n: metadata.n is an integer beyond 2^53, which would not be kept exactly.',
    ],
    [
      'the master key',
      keyRegenerate,
      { new_master_key: 'sk-1' },
      'invalid_field new_master_key: new_master_key is not taken. The master key stands in the config or in the environment: change it there.',
    ],
    [
      'a password',
      userNew,
      { password: 'x' },
      'invalid_field password: password is not taken. There is no log-in with a password. Give the user a key.',
    ],
    [
      'an endless grace',
      keyRegenerate,
      { grace_period: '-1' },
      'invalid_field grace_period: grace_period is no duration. Write a number and s, m, h, d, w or mo: 30s, 24h, 7d, 1mo.',
    ],
    ['no team', team.teamBlock, {}, 'missing_field team_id: team_id is missing.'],
    ['a null team', team.teamBlock, { team_id: null }, 'invalid_field team_id: team_id is null, not a text.'],
    [
      'a role',
      team.teamMemberAdd,
      { team_id: 'T', member: { role: 'boss', user_id: 'u' } },
      'invalid_field member.role: member.role is none of admin, user.',
    ],
    [
      'a misspelt field of one of the members',
      team.teamMemberAdd,
      { team_id: 'T', member: [{ role: 'user', usr_id: 'u' }] },
      'invalid_field member[0].usr_id: There is no field member[0].usr_id here. Did you mean user_id?',
    ],
    [
      'a role that nobody has',
      userNew,
      { user_role: 'root' },
      'invalid_field user_role: user_role is none of proxy_admin, proxy_admin_viewer, internal_user, internal_user_viewer.',
    ],
    [
      'a deployment of no model',
      modelNew,
      { model_name: 'm', litellm_params: { api_key: 'x' } },
      'missing_field litellm_params.model: litellm_params.model is missing.',
    ],
    [
      'a service account of a user',
      keyServiceAccount,
      { team_id: 'T', user_id: 'u' },
      'invalid_field user_id: There is no field user_id here.',
    ],
  ])('refuses %s', (_, shape, body, wanted) => {
    expect(problem(shape, body)).toBe(wanted);
  });

  it('refuses what is nested without end', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(50)}1${'}'.repeat(50)}`) as object;
    expect(problem(keyGenerate, { metadata: deep })).toContain('nested more than 32 levels deep');
  });

  it('never repeats what was sent', () => {
    const secret = 'sk-a-secret-of-somebody';
    for (const body of [
      { key: 1, [secret]: 1 },
      { user_id: secret.repeat(20) },
      { key_type: secret },
      { duration: secret },
    ]) {
      const text = problem(keyGenerate, body);
      expect(text).not.toBe('fine');
      if (!(secret in body)) expect(text).not.toContain(secret);
    }
  });

  it('keeps apart what is stored only, and names what is not acted on', () => {
    const body = {
      models: ['gpt'],
      guardrails: ['x'],
      max_budget: 2,
      spend: 3,
      router_settings: { num_retries: 1, enable_tag_filtering: true },
      policies: null,
      permissions: {},
    };
    const reading = readBody(keyGenerate, body);
    expect(reading).toEqual({
      ok: true,
      value: body,
      extra: { guardrails: ['x'], policies: null },
      warnings: [
        'guardrails is stored and shown, and not acted on.',
        'max_budget is stored and shown, and not enforced.',
        'spend is ignored.',
        'router_settings.num_retries is stored and shown, and not acted on.',
      ],
    });
  });

  it('takes nulls for what may be left out', () => {
    for (const [name, shape] of Object.entries(BODIES)) {
      const optional = Object.entries(shape.shape).filter(([, schema]) => z.safeParse(schema, undefined).success);
      const required = Object.keys(shape.shape).filter((field) => !optional.some(([each]) => each === field));
      const text = problem(shape, Object.fromEntries(optional.map(([field]) => [field, null])));
      expect([name, text.split(':')[0]]).toEqual([
        name,
        required.length === 0 ? 'fine' : `missing_field ${required[0]}`,
      ]);
    }
  });
});

describe('the fields', () => {
  it('are these, and this becomes of them', async () => {
    const lines = Object.entries(BODIES).flatMap(([path, shape]) => [
      `# ${path}`,
      ...Object.entries(shape.shape).map(([name, schema]) => `${name}: ${fateOf(schema)}`),
      '',
    ]);
    await expect(lines.join('\n')).toMatchFileSnapshot('fields.golden.txt');
  });

  it('are all described, and have a JSON Schema', () => {
    for (const [path, shape] of Object.entries(BODIES)) {
      const silent = Object.entries(shape.shape).filter(([, schema]) => descriptionOf(schema) === '');
      expect([path, silent.map(([name]) => name)]).toEqual([path, []]);
      expect(z.toJSONSchema(shape).additionalProperties).toBe(false);
    }
  });
});
