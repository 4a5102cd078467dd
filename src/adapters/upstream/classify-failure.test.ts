import { expect, test } from 'vitest';

import { UpstreamFailure } from '../../providers/contract.ts';
import { classifyFailure } from './classify-failure.ts';

const withCode = (code: string): Error => Object.assign(new Error('the message'), { code });

test.each([
  [withCode('ECONNREFUSED'), 'connect'],
  [withCode('ENETUNREACH'), 'connect'],
  [withCode('ENOTFOUND'), 'dns'],
  [withCode('EAI_AGAIN'), 'dns'],
  [withCode('DEPTH_ZERO_SELF_SIGNED_CERT'), 'tls'],
  [withCode('ERR_TLS_CERT_ALTNAME_INVALID'), 'tls'],
  [withCode('ERR_SSL_WRONG_VERSION_NUMBER'), 'tls'],
  [withCode('CERT_SIGNATURE_FAILURE'), 'tls'],
  [withCode('ECONNRESET'), 'reset'],
  [withCode('ETIMEDOUT'), 'connect_timeout'],
  [new AggregateError([withCode('ECONNREFUSED'), withCode('ENETUNREACH')], ''), 'connect'],
  [new UpstreamFailure('total_timeout', 'late'), 'total_timeout'],
  [new Error('anything else'), 'reset'],
  ['no error at all', 'reset'],
])('%o is of the kind %s', (error, kind) => {
  expect(classifyFailure(error)).toMatchObject({ name: 'UpstreamFailure', kind });
});
