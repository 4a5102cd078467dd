import { expect, test } from 'vitest';

import type { StoredResponsePath } from '../endpoint.ts';
import { storedPath } from './stored-path.ts';

test.each<[string, StoredResponsePath['part'], string, string]>([
  ['/v1/responses', '', '', '/v1/responses/resp_1'],
  ['/v1/responses', '/cancel', '', '/v1/responses/resp_1/cancel'],
  ['/v1/responses', '', 'include[]=a%20b&stream=true', '/v1/responses/resp_1?include[]=a%20b&stream=true'],
  ['/x/responses?api-version=1', '/input_items', '', '/x/responses/resp_1/input_items?api-version=1'],
  ['/x/responses?api-version=1', '', 'api-version=2&limit=3', '/x/responses/resp_1?api-version=1&limit=3'],
  ['/x/responses?api-version=1', '', '%61pi-version=2&limit=3', '/x/responses/resp_1?api-version=1&limit=3'],
  ['/x/responses', '', '&&a&=b&', '/x/responses/resp_1?a&=b'],
])('%s%s asked with %j', (made, part, query, wanted) => {
  expect(storedPath(made, { id: 'ours', part }, { upstreamId: 'resp_1', query })).toBe(wanted);
});

test.each([
  ['a/../b', 'a%2F..%2Fb'],
  ['a?b#c', 'a%3Fb%23c'],
  ['a b', 'a%20b'],
])("an upstream's id %j stays one segment", (upstreamId, segment) => {
  expect(storedPath('/v1/responses', { id: 'ours', part: '' }, { upstreamId, query: '' })).toBe(
    `/v1/responses/${segment}`,
  );
});
