import { expect, test } from 'vitest';

import { loopbackProblem } from './loopback.ts';

const headersOf = (pairs: Record<string, string>) => ({
  get: (name: string) => new Map(Object.entries(pairs)).get(name),
});

test.each([
  { host: 'localhost:4000' },
  { host: 'LOCALHOST' },
  { host: '127.0.0.1:4000' },
  { host: '127.9.9.9' },
  { host: '[::1]:4000' },
  { host: '0.0.0.0:4000' },
  { host: 'localhost:4000', origin: 'http://localhost:5173' },
  { host: 'localhost:4000', origin: 'http://127.0.0.1' },
])('%j is answered', (headers) => {
  expect(loopbackProblem(headersOf(headers))).toBeUndefined();
});

test.each([
  {},
  { host: 'evil.example' },
  { host: '127.0.0.1.evil.example' },
  { host: 'localhost.evil.example:4000' },
  { host: 'evil.example:127.0.0.1' },
  { host: '10.0.0.1' },
  { host: 'localhost', origin: 'https://evil.example' },
  { host: 'localhost', origin: 'null' },
  { host: 'localhost', origin: 'http://localhost.evil.example' },
  { host: 'localhost', origin: 'http://evil@localhost' },
  { host: 'localhost', origin: 'file://localhost' },
])('%j is refused', (headers) => {
  expect(loopbackProblem(headersOf(headers as Record<string, string>))?.code).toBe('loopback_only');
});
