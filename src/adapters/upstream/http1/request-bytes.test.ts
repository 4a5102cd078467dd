import { describe, expect, test } from 'vitest';

import type { UpstreamRequest } from '../../../providers/contract.ts';
import { requestBytes } from './request-bytes.ts';

const way = { host: 'api.example:8080', targetPrefix: '', extraLines: '' };
const request = (parts: Partial<UpstreamRequest>): UpstreamRequest => ({
  origin: 'http://api.example:8080',
  method: 'POST',
  path: '/v1/x?y=1',
  headers: ['content-type', 'application/json'],
  body: Buffer.from('{"a":1}'),
  timeouts: { connectSeconds: 1, firstByteSeconds: 1, idleSeconds: 1, totalSeconds: 1 },
  ...parts,
});
const written = (parts: Partial<UpstreamRequest>, over = {}): string =>
  Buffer.concat([...requestBytes(request(parts), { ...way, ...over })]).toString('latin1');

test.each([
  [
    {},
    {},
    'POST /v1/x?y=1 HTTP/1.1\r\nhost: api.example:8080\r\nconnection: keep-alive\r\ncontent-type: application/json\r\ncontent-length: 7\r\n\r\n{"a":1}',
  ],
  [
    { method: 'GET', body: null, headers: [] },
    {},
    'GET /v1/x?y=1 HTTP/1.1\r\nhost: api.example:8080\r\nconnection: keep-alive\r\n\r\n',
  ],
  [
    { body: null, headers: [] },
    {},
    'POST /v1/x?y=1 HTTP/1.1\r\nhost: api.example:8080\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n',
  ],
  [
    { method: 'DELETE', body: null, headers: ['Host', 'other'] },
    {},
    'DELETE /v1/x?y=1 HTTP/1.1\r\nhost: other\r\nconnection: keep-alive\r\n\r\n',
  ],
  [
    { method: 'GET', body: null, headers: ['x-a', '\u00fc\u00ff\t'] },
    { targetPrefix: 'http://api.example:8080', extraLines: 'proxy-authorization: Basic x\r\n' },
    'GET http://api.example:8080/v1/x?y=1 HTTP/1.1\r\nhost: api.example:8080\r\nconnection: keep-alive\r\nproxy-authorization: Basic x\r\nx-a: \u00fc\u00ff\t\r\n\r\n',
  ],
] as const)('case %#', (parts, over, expected) => {
  expect(written(parts, over)).toBe(expected);
});

test('a small body goes with its head, a large one is not copied', () => {
  expect(requestBytes(request({ body: Buffer.alloc(1024) }), way)).toHaveLength(1);
  const large = Buffer.alloc(100_000);
  expect(requestBytes(request({ body: large }), way)[1]).toBe(large);
});

describe('what would change the message is not written', () => {
  test.each([
    [{ path: '/x y' }],
    [{ path: '/x\r\nhost: evil' }],
    [{ path: '/\u010a' }],
    [{ headers: ['x', 'a\r\nevil: 1'] }],
    [{ headers: ['x', 'a\nb'] }],
    [{ headers: ['x', 'a\0'] }],
    // Its low byte is LF.
    [{ headers: ['x', 'a\u010ab'] }],
    [{ headers: ['host', 'a\r\nevil: 1'] }],
    [{ headers: ['x\r\nevil', '1'] }],
    [{ headers: ['x y', '1'] }],
    [{ headers: ['', '1'] }],
    [{ headers: ['content-length', '1'] }],
    [{ headers: ['Transfer-Encoding', 'chunked'] }],
    [{ headers: ['connection', 'upgrade'] }],
    [{ headers: ['expect', '100-continue'] }],
  ] as const)('%j', (parts) => {
    expect(() => written(parts)).toThrow(expect.objectContaining({ name: 'UpstreamFailure', kind: 'connect' }));
  });

  test('the message does not repeat the value, which may be a credential', () => {
    expect(() => written({ headers: ['authorization', 'Bearer secret\n'] })).toThrow(/^(?!.*secret).*authorization/);
  });
});
