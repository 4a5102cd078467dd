import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

import { GatewayError } from '../../core/errors/gateway-error.ts';
import { errorAnswer } from '../../gateway/error-answer.ts';
import type { HeaderPairs } from '../../providers/contract.ts';

/** True where the client ended the connection in the middle of a request. */
export function endedEarly(error: Error): boolean {
  return 'code' in error && (error.code === 'HPE_INVALID_EOF_STATE' || error.code === 'ECONNRESET');
}

/** What the parser or its clock objected to, as an error that the client may see. */
export function errorOfParser(error: Error): GatewayError {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new GatewayError('headers_too_large', { message: 'The request headers are larger than 16 KB.' });
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new GatewayError('request_timeout', { message: 'The request did not arrive in time.' });
  }
  return new GatewayError('bad_request', { message: 'The HTTP request is malformed.' });
}

/** Answers on a socket that has no exchange, and closes it. */
export function answerOnSocket(socket: Duplex, error: GatewayError, headers: HeaderPairs): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const answer = errorAnswer(error, headers);
  const lines = [`HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? 'Error'}`];
  for (let index = 0; index < answer.headers.length; index += 2) {
    lines.push(`${answer.headers[index]}: ${answer.headers[index + 1]}`);
  }
  lines.push(`content-length: ${Buffer.byteLength(answer.body)}`, 'connection: close', '', answer.body);
  socket.end(lines.join('\r\n'));
}
