import { UpstreamFailure, type UpstreamFailureKind } from '../../providers/contract.ts';

/** Codes of Node, OpenSSL and the resolver that say what went wrong; everything else is decided by prefix. */
const KINDS: ReadonlyMap<string, UpstreamFailureKind> = new Map([
  ['ECONNREFUSED', 'connect'],
  ['EHOSTUNREACH', 'connect'],
  ['ENETUNREACH', 'connect'],
  ['EADDRNOTAVAIL', 'connect'],
  ['ETIMEDOUT', 'connect_timeout'],
  ['ENOTFOUND', 'dns'],
  ['EAI_AGAIN', 'dns'],
  ['ECONNRESET', 'reset'],
  ['EPIPE', 'reset'],
  ['EPROTO', 'tls'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'tls'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls'],
  ['CERT_HAS_EXPIRED', 'tls'],
  ['CERT_NOT_YET_VALID', 'tls'],
  ['CERT_REVOKED', 'tls'],
]);

/** Turns whatever a transport threw into the one kind of failure that the gateway knows. */
export function classifyFailure(error: unknown): UpstreamFailure {
  if (error instanceof UpstreamFailure) return error;
  if (!(error instanceof Error)) return new UpstreamFailure('reset', String(error));
  return new UpstreamFailure(kindOf(error), error.message || codeOf(error) || error.name, { cause: error });
}

function kindOf(error: Error): UpstreamFailureKind {
  // Several addresses were tried: the reason of the first one stands for all.
  const first = error instanceof AggregateError ? error.errors.find((inner) => inner instanceof Error) : undefined;
  const code = codeOf(error) || (first instanceof Error ? codeOf(first) : '');
  const known = KINDS.get(code);
  if (known !== undefined) return known;
  if (code.startsWith('ERR_TLS_') || code.startsWith('ERR_SSL_') || code.startsWith('CERT_')) return 'tls';
  return 'reset';
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
