import { expect, test } from 'vitest';

import type { GatewayConfig } from '../config/contract.ts';
import { readConfig } from '../config/read-config.ts';
import { exposedKey } from './exposed-key.ts';

function configWith(general: object): GatewayConfig {
  const text = JSON.stringify({ model_list: [], general_settings: general });
  const { config } = readConfig('c.yaml', { readText: () => text, env: {} });
  if (config === undefined) throw new Error('The config of the test cannot be read.');
  return config;
}

const STRONG = { master_key: 'sk-long-enough-to-be-strong' };
const WEAK = { master_key: 'sk-1234' };
const PERMITTED = { ...WEAK, dangerously_permit_weak_or_unset_master_key: true };

test.each([
  ['a strong key', STRONG, '0.0.0.0', false, false],
  ['a weak key', WEAK, '0.0.0.0', false, true],
  ['no key', {}, '0.0.0.0', false, true],
  ['a weak key', WEAK, '10.0.0.1', false, true],
  ['a weak key', WEAK, '::', false, true],
  ['a weak key', WEAK, '127.0.0.1', false, false],
  ['no key', {}, '::1', false, false],
  ['no key', {}, 'localhost', false, false],
  ['a weak key that the config permits', PERMITTED, '0.0.0.0', false, false],
  ['a weak key and an open gateway', WEAK, '0.0.0.0', true, false],
])('%s: %j on %s, open to all %s: exposed %s', (_name, general, host, openToAll, exposed) => {
  const problem = exposedKey(configWith(general), { host, openToAll });
  expect(problem !== undefined).toBe(exposed);
  if (problem !== undefined) expect(problem).toMatchObject({ severity: 'error', code: 'weak-master-key' });
  expect(problem?.message ?? '').not.toContain('sk-');
});
