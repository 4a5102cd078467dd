import type { HeaderPairs } from '../providers/contract.ts';

/** What the gateway calls itself. */
export interface ProductIdentity {
  /** Waymark's own version. */
  readonly version: string;
  /** The LiteLLM version whose surface is answered. */
  readonly litellmVersion: string;
}

/** The names of one request: on its answer, whatever it is, and in its log line. */
export interface Stamp {
  readonly callId: string;
  /** Names the decision and the config it was made under: `<config version>-<call id>`. */
  readonly decisionId: string;
  /** The headers that every answer carries. */
  readonly headers: HeaderPairs;
}

export function makeStamp(callId: string, configVersion: string, product: ProductIdentity): Stamp {
  const decisionId = `${configVersion}-${callId}`;
  return {
    callId,
    decisionId,
    headers: [
      'x-litellm-call-id',
      callId,
      'x-litellm-version',
      product.litellmVersion,
      'x-waymark-version',
      product.version,
      'x-waymark-decision-id',
      decisionId,
    ],
  };
}
