import { GatewayError } from '../../core/errors/gateway-error.ts';
import { HttpFault } from '../../core/wire/http1/http-fault.ts';
import { answerLines } from '../../core/wire/http1/answer-head.ts';
import { errorAnswer } from '../../gateway/error-answer.ts';
import type { HeaderPairs } from '../../providers/contract.ts';

/** What the parser objected to, as an error that the client may see. Anything that is no fault of a request is thrown on. */
export function errorOfFault(thrown: unknown): GatewayError {
  if (!(thrown instanceof HttpFault)) throw thrown;
  if (thrown.kind === 'too_large') {
    return new GatewayError('headers_too_large', {
      message: `The head of the request, or its trailers, have ${thrown.message}.`,
    });
  }
  return new GatewayError('bad_request', { message: `The HTTP request is malformed: it has ${thrown.message}.` });
}

export function cameTooSlowly(): GatewayError {
  return new GatewayError('request_timeout', { message: 'The request did not arrive in time.' });
}

export function cutShort(): GatewayError {
  return new GatewayError('bad_request', { message: 'The connection ended before the body was complete.' });
}

export function noConnect(): GatewayError {
  return new GatewayError('method_not_allowed', { message: 'CONNECT is not served here.' });
}

export function unknownExpectation(): GatewayError {
  const message = 'The only expectation that is understood is 100-continue.';
  return new GatewayError('bad_request', { message, status: 417 });
}

/** A whole answer to something that never became an exchange; the connection ends behind it. */
export function strayAnswer(error: GatewayError, headers: HeaderPairs): string {
  const answer = errorAnswer(error, headers);
  const length = Buffer.byteLength(answer.body);
  const lines = answerLines(answer.status, [
    ...answer.headers,
    'content-length',
    String(length),
    'connection',
    'close',
  ]);
  return `${lines}\r\n${answer.body}`;
}
