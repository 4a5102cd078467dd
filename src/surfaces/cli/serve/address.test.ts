import { InvalidArgumentError } from 'commander';
import { expect, test } from 'vitest';

import { recordedIo } from '../../../../test/support/cli-io.ts';
import { CliFailure } from '../io.ts';
import { chooseAddress, keyNotice, readPort, type AddressWish } from './address.ts';

const STRONG: AddressWish = { host: undefined, port: undefined, key: 'strong', permitted: false };

test.each([
  ['the default', {}, {}, '0.0.0.0', 4000],
  ['flags', { host: '10.0.0.1', port: 8080 }, {}, '10.0.0.1', 8080],
  ['environment', {}, { HOST: '10.0.0.1', PORT: '8080' }, '10.0.0.1', 8080],
  ['flags win', { host: '10.0.0.2', port: 0 }, { HOST: '10.0.0.1', PORT: '8080' }, '10.0.0.2', 0],
  ['empty variables are none', {}, { HOST: '', PORT: '' }, '0.0.0.0', 4000],
])('with a strong key: %s', (_, wish, env, host, port) => {
  expect(chooseAddress({ ...STRONG, ...wish }, recordedIo({ env }).io)).toEqual({ host, port, loopbackOnly: false });
});

test.each(['none', 'weak'] as const)('with a key that is %s the default host becomes this machine', (key) => {
  expect(chooseAddress({ ...STRONG, key }, recordedIo().io)).toEqual({
    host: '127.0.0.1',
    port: 4000,
    loopbackOnly: true,
  });
});

test.each(['localhost', '127.0.0.1', '127.8.8.8', '::1'])('with a weak key %s may be asked for', (host) => {
  expect(chooseAddress({ ...STRONG, key: 'weak', host }, recordedIo().io)).toMatchObject({ host, loopbackOnly: true });
});

test.each(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.com', 'localhost.example.com'])(
  'with a weak key %s is refused, unless permitted',
  (host) => {
    const wish: AddressWish = { ...STRONG, key: 'weak', host };
    expect(() => chooseAddress(wish, recordedIo().io)).toThrow(CliFailure);
    expect(() => chooseAddress({ ...wish, host: undefined }, recordedIo({ env: { HOST: host } }).io)).toThrow(
      /^HOST asks/,
    );
    expect(chooseAddress({ ...wish, permitted: true }, recordedIo().io)).toMatchObject({ host, loopbackOnly: false });
  },
);

test.each([
  ['none', true, /^No master key is set: only programs on this machine are answered\.$/],
  ['weak', true, /^The master key is under 16 characters or well known: only programs/],
  ['weak', false, /anybody who reaches this address may use the gateway\.$/],
] as const)('the notice for a key that is %s, on loopback only: %s', (key, loopbackOnly, notice) => {
  expect(keyNotice(key, { host: 'any', port: 1, loopbackOnly })).toMatch(notice);
});

test('a strong key needs no notice', () => {
  expect(keyNotice('strong', { host: 'any', port: 1, loopbackOnly: false })).toBeUndefined();
});

test.each(['4000x', '', '-1', '65536', '1e3', '0x10', '123456'])('%j is no port', (text) => {
  expect(() => readPort(text)).toThrow(InvalidArgumentError);
  if (text !== '') expect(() => chooseAddress(STRONG, recordedIo({ env: { PORT: text } }).io)).toThrow(/^PORT is/);
});
