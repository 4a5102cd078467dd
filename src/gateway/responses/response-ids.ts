import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** Where a response is, and whose. */
export interface SealedResponse {
  readonly deploymentId: string;
  /** The id that the upstream gave it. */
  readonly upstreamId: string;
  /** `ResponseIds.ownerMark` of whoever asked for it. */
  readonly owner: Uint8Array;
}

/** What ids of ours begin with. Upstreams' begin with `resp_` alone. */
const PREFIX = 'resp_w1_';
const OWNER_BYTES = 12;
const LENGTH_BYTES = 2;
const MAC_BYTES = 16;
const HEAD_BYTES = OWNER_BYTES + LENGTH_BYTES;
/** Deployment ids and upstreams' ids up to this length are sealed, so that an id has at most 1,422 characters. Bytes. */
const LONGEST_PART = 512;
const LONGEST_ID = PREFIX.length + Math.ceil(((HEAD_BYTES + 2 * LONGEST_PART + MAC_BYTES) * 4) / 3);

/**
 * Ids of responses that say by themselves which deployment made them and for whom, so that nothing needs to be remembered: every
 * process with the same secret reads them. The text after the prefix is base64url of owner mark, length of the deployment's id,
 * that id, the upstream's id, and an HMAC-SHA-256 over all of it, cut to 128 bits. Nothing in it is secret; nobody can make one.
 */
export class ResponseIds {
  readonly #key: Buffer;

  /** `secret`: the salt key, or the master key. */
  constructor(secret: string) {
    this.#key = Buffer.from(hkdfSync('sha256', secret, 'waymark response ids', 'v1', 32));
  }

  /** True for what looks like an id of ours, whoever made it. */
  static looksSealed(id: string): boolean {
    return id.startsWith(PREFIX);
  }

  /** Stands for an owner in an id without naming it. */
  ownerMark(owner: string): Uint8Array {
    return this.#mac('owner', Buffer.from(owner)).subarray(0, OWNER_BYTES);
  }

  /** The same response always gets the same id. Undefined: a part of it is too long. */
  seal({ deploymentId, upstreamId, owner }: SealedResponse): string | undefined {
    const deployment = Buffer.from(deploymentId);
    const upstream = Buffer.from(upstreamId);
    if (deployment.byteLength > LONGEST_PART || upstream.byteLength > LONGEST_PART) return undefined;
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt16BE(deployment.byteLength);
    const payload = Buffer.concat([owner, length, deployment, upstream]);
    const mac = this.#mac('id', payload).subarray(0, MAC_BYTES);
    return PREFIX + Buffer.concat([payload, mac]).toString('base64url');
  }

  /** What an id says. Undefined: nobody with this secret made it. */
  open(id: string): SealedResponse | undefined {
    if (!id.startsWith(PREFIX) || id.length > LONGEST_ID) return undefined;
    const bytes = Buffer.from(id.slice(PREFIX.length), 'base64url');
    if (bytes.byteLength < HEAD_BYTES + MAC_BYTES) return undefined;
    const payload = bytes.subarray(0, -MAC_BYTES);
    const mac = this.#mac('id', payload).subarray(0, MAC_BYTES);
    // The decoder skips over what is no base64url: only the one way of writing an id is taken.
    if (!timingSafeEqual(mac, bytes.subarray(-MAC_BYTES)) || PREFIX + bytes.toString('base64url') !== id)
      return undefined;
    const end = HEAD_BYTES + payload.readUInt16BE(OWNER_BYTES);
    return {
      owner: payload.subarray(0, OWNER_BYTES),
      deploymentId: payload.toString('utf8', HEAD_BYTES, end),
      upstreamId: payload.toString('utf8', end),
    };
  }

  #mac(purpose: string, bytes: Uint8Array): Buffer {
    return createHmac('sha256', this.#key).update(`${purpose}\0`).update(bytes).digest();
  }
}
