import type { IncomingMessage } from 'node:http';

import { GatewayError } from '../../core/errors/gateway-error.ts';

/** More header lines than this are refused. Node would drop what is beyond its own limit without a word. */
const MOST_HEADERS = 100;

/** What cannot stand in a name, an address and a port: `host/path?query` would be read in two ways. */
const NOT_IN_HOST = /[^\w.:[\]-]/;

/**
 * What Node lets through and two programs could read in two ways: the start of request smuggling. Undefined: nothing to
 * object to. Whoever gets an error closes the connection after the answer, because what follows on it cannot be trusted.
 */
export function headProblem(request: IncomingMessage): GatewayError | undefined {
  const target = request.url ?? '';
  if (!target.startsWith('/'))
    return malformed('The request target is not in origin form: it must start with a slash.');
  const raw = request.rawHeaders;
  if (raw.length > MOST_HEADERS * 2) {
    return new GatewayError('headers_too_large', {
      message: `The request has more than ${MOST_HEADERS} header lines.`,
    });
  }
  let hosts = 0;
  let encodings = 0;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
    else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') encodings += 1;
  }
  if (hosts === 0 && request.httpVersion === '1.1') return malformed('The request has no Host header.');
  if (hosts > 1) return malformed('The request has more than one Host header.');
  if (NOT_IN_HOST.test(request.headers.host ?? '')) return malformed('The Host header is not a name and a port.');
  return encodings === 0 ? undefined : framingProblem(request, encodings);
}

function framingProblem(request: IncomingMessage, encodings: number): GatewayError | undefined {
  const { headers } = request;
  if (headers['content-length'] !== undefined) {
    return malformed('The request has both Content-Length and Transfer-Encoding.');
  }
  if (request.httpVersion !== '1.1') return malformed('Transfer-Encoding needs HTTP/1.1.');
  if (encodings > 1 || headers['transfer-encoding']?.toLowerCase() !== 'chunked') {
    return malformed('The only transfer coding that is understood is chunked, once.');
  }
  return undefined;
}

function malformed(message: string): GatewayError {
  return new GatewayError('bad_request', { message });
}
