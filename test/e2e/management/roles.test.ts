import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROUTES } from '../../../src/surfaces/admin/routes/all.ts';
import { makeTenant, makeUserKey, startManaged, type Managed, type Tenant } from '../../support/management.ts';
import { requestAbout } from '../../support/management-requests.ts';

let managed: Managed;
let tenant: Tenant;
const keys = new Map<string, string | undefined>([['master', undefined]]);

beforeAll(async () => {
  managed = await startManaged();
  tenant = await makeTenant(managed, 'a', 'teamA');
  for (const role of ['proxy_admin', 'proxy_admin_viewer', 'internal_user', 'internal_user_viewer']) {
    keys.set(role, await makeUserKey(managed, role));
  }
  keys.set('team admin', tenant.adminKey);
  keys.set('team member', tenant.memberKey);
  keys.set('key of the team', tenant.teamKey);
});
afterAll(async () => await managed[Symbol.asyncDispose]());

const cell = (text: string): string => text.padEnd(22);

/** Every role asks every route about things of one team; what it is answered stands in the golden file. */
test('roles by routes', async () => {
  const lines = [`${'route'.padEnd(36)}${[...keys.keys()].map(cell).join('')}`];
  for (const { name } of ROUTES) {
    const answers: string[] = [];
    for (const key of keys.values()) {
      const asking = await requestAbout(name, tenant, managed);
      const { status, body } = await managed.ask(name, key === undefined ? asking : { ...asking, key });
      answers.push(cell(status === 200 ? 'yes' : `${status} ${body.error.code}`));
    }
    lines.push(name.padEnd(36) + answers.join(''));
  }
  await expect(`${lines.map((line) => line.trimEnd()).join('\n')}\n`).toMatchFileSnapshot('golden/roles.txt');
});
