import { expect, test } from 'vitest';
import { litellmOpener } from './open-text.ts';

/** Sealed by LiteLLM 1.110.2's own `encrypt_value_helper` under the salt key `sk-salt-of-a-test`. */
const SEALED = [
  ['sk-upstream-secret', 'N920oh_YKuKppAY9Q4J2oQeBjCXUPy9OOPWYmHpevuhLmxgCZyzWoYyJQrX007DBSfvtQeD7l3Pqxg=='],
  ['openai/gpt-4o', 'mYmdFMHUrdzaMazQMmYb_TFDfGCl5nmHhC7FJrzoKHwPNwXNpdgp_OO1YPhLHHTYpLGPG9o='],
  ['größe ☃', 'XVD9yTF1sPWoizrzDKv_oaLyJTGibu5opBmbbd9Sf3WZgTUFos6_B1bMSj6uw6FYQdsI'],
  ['', 'fMTkYoz263p2Mlqxd-rpq-SDsxeSDJ002QxKqSOkOzvBqq91bCvYYg=='],
  ['sk-upstream-secret', 'v2:gcm:AaGhf2hYI_drXccbdu_AdyvRy3PyGCofruo0UllfPVYpGzoO9F0EKfPRg0KYBA=='],
] as const;
const open = litellmOpener('sk-salt-of-a-test');

test.each(SEALED)('%j opens', (plain, sealed) => expect(open(sealed)).toBe(plain));

test.each(SEALED)('%j opens in the standard alphabet of base64 too', (plain, sealed) => {
  expect(open(sealed.replaceAll('-', '+').replaceAll('_', '/'))).toBe(plain);
});

test.each(SEALED)('%j does not open with another salt key, nor damaged', (_plain, sealed) => {
  expect(litellmOpener('sk-another')(sealed)).toBeUndefined();
  const at = sealed.length - 6;
  expect(open(`${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`)).toBeUndefined();
});

test.each(['', 'sk-plain', 'openai/gpt-4o', 'v2:gcm:', 'v2:gcm:AAAA', 'https://host.example/v1'])(
  '%j is not sealed',
  (text) => expect(open(text)).toBeUndefined(),
);
