import { expect, test } from 'vitest';

import { EXIT } from './io.ts';
import { addressFailure, shownUrl } from './listening.ts';

const ASKED = { host: '10.9.8.7', port: 4000 };

test.each([
  ['EADDRINUSE', 'Port 4000 on 10.9.8.7 is in use by another program.'],
  ['EACCES', 'Port 4000 on 10.9.8.7 needs rights that this user does not have.'],
  ['EADDRNOTAVAIL', 'This machine has no address 10.9.8.7.'],
  ['ENOTFOUND', 'This machine has no address 10.9.8.7.'],
])('%s in plain words', (code, message) => {
  const failure = addressFailure(Object.assign(new Error('listen'), { code }), ASKED);
  expect(failure).toMatchObject({ message, status: EXIT.failed });
  expect(failure?.hint).toMatch(/--port|--host/);
});

test.each([new Error('other'), Object.assign(new Error('x'), { code: 'ECONNRESET' }), 'text'])(
  '%s is about something else',
  (error) => {
    expect(addressFailure(error, ASKED)).toBeUndefined();
  },
);

test.each([
  ['127.0.0.1', 'http://127.0.0.1:4000'],
  ['::1', 'http://[::1]:4000'],
  ['[::1]', 'http://[::1]:4000'],
])('the address %s is shown as %s', (host, url) => {
  expect(shownUrl(host, 4000)).toBe(url);
});
