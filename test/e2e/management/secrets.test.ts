import { expect, test } from 'vitest';
import { ROUTES } from '../../../src/surfaces/admin/routes/all.ts';
import { makeTenant, startManaged } from '../../support/management.ts';
import { requestAbout } from '../../support/management-requests.ts';

const KEY_FORM = /sk-[\w-]{16,}/g;

test('a key is shown once; no credential stands anywhere else, not in answers, not in the audit log, not in the store', async () => {
  const env = { WAYMARK_SALT_KEY: 'a salt key for this test' };
  await using managed = await startManaged(undefined, { env });
  const tenant = await makeTenant(managed, 'a', 'teamA');
  const credential = 'sk-credential-of-an-upstream';
  const params = { model: 'openai/fake', api_key: credential, api_base: 'http://user:pass-word@127.0.0.1:1/v1' };
  const { model_id: id } = await managed.done('POST /model/new', {
    body: { model_name: 'stored', litellm_params: params },
  });
  await managed.done('POST /model/update', {
    body: {
      model_info: { id },
      litellm_params: { api_key: `${credential}-2`, extra_headers: { authorization: 'Bearer abcdef' } },
    },
  });
  await managed.done('POST /key/generate', {
    body: { metadata: { logging: [{ callback_vars: { langfuse_secret_key: 'langfuse-secret-value' } }] } },
  });
  const shownIn = new Map<string, number>();
  const texts: string[] = [];
  for (const { name } of ROUTES) {
    const asking = await requestAbout(name, tenant, managed);
    const { text } = await managed.ask(name, asking);
    texts.push(text);
    for (const key of new Set(text.match(KEY_FORM))) shownIn.set(key, (shownIn.get(key) ?? 0) + 1);
    // What makes a key shows that one; nothing shows one that it was asked with.
    for (const sent of JSON.stringify(asking).match(KEY_FORM) ?? []) expect(text, name).not.toContain(sent);
  }
  expect([...shownIn.values()].every((count) => count === 1)).toBe(true);
  const audit = (await managed.ask('GET /audit', { query: { format: 'jsonl' } })).text;
  expect(audit.trim().split('\n').length).toBeGreaterThan(20);
  const models = await (await managed.gateway.get('/model/info')).text();
  const stored = JSON.stringify(await managed.store.listModels());
  const logged = JSON.stringify(managed.gateway.failures);
  for (const text of [...texts, audit, models, stored, logged]) {
    for (const secret of [credential, 'pass-word', 'Bearer abcdef', env.WAYMARK_SALT_KEY, managed.gateway.masterKey]) {
      expect(text).not.toContain(secret);
    }
  }
  for (const text of [audit, stored, logged]) expect(text.match(KEY_FORM)).toBeNull();
  expect(audit).not.toContain('langfuse-secret-value');
  // The credentials are there all the same.
  expect(stored).toContain('"sealedCredentials":"v1:');
});
