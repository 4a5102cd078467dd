import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { promisify } from 'node:util';

import { compileFieldSet } from '../core/wire/field-set.ts';
import { peek } from '../core/wire/peek.ts';
import { UpstreamFailure, type HeaderPairs } from '../providers/contract.ts';

/** An answer that comes whole may be this large, encoded or not. Bytes. */
export const LARGEST_ANSWER = 64 * 1024 * 1024;

const DECODERS: ReadonlyMap<string, (body: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>> =
  new Map([
    ['gzip', promisify(gunzip)],
    ['x-gzip', promisify(gunzip)],
    ['br', promisify(brotliDecompress)],
    ['deflate', promisify(inflate)],
  ]);

const NO_FIELDS = compileFieldSet([]);

/** The value of an upstream's header, or undefined. */
export function headerOf(headers: HeaderPairs, name: string): string | undefined {
  for (let index = 0; index < headers.length; index += 2) if (headers[index] === name) return headers[index + 1];
  return undefined;
}

/** Undoes one layer of encoding, which some upstreams apply though `identity` was asked for. Rejects with `malformed`. */
export async function decoded(body: Uint8Array, headers: HeaderPairs): Promise<Uint8Array> {
  const encoding = headerOf(headers, 'content-encoding')?.toLowerCase();
  if (encoding === undefined || encoding === '' || encoding === 'identity') return body;
  const decode = DECODERS.get(encoding);
  if (decode === undefined) throw new UpstreamFailure('malformed', `content-encoding ${encoding} is not understood`);
  try {
    return await decode(body, { maxOutputLength: LARGEST_ANSWER });
  } catch (error) {
    throw new UpstreamFailure('malformed', `the ${encoding} body cannot be decoded`, { cause: error });
  }
}

/** True where the bytes are one JSON object. */
export function isJsonObject(body: Uint8Array): boolean {
  return peek(body, NO_FIELDS).ok;
}

/** The body without the deployment's credentials: some upstreams repeat them in what they complain about. */
export function scrubbed(body: Uint8Array, secrets: readonly string[]): Uint8Array {
  let bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  for (const secret of secrets) {
    if (!bytes.includes(secret)) continue;
    bytes = Buffer.from(
      bytes.toString('latin1').replaceAll(Buffer.from(secret).toString('latin1'), '[redacted]'),
      'latin1',
    );
  }
  return bytes;
}
