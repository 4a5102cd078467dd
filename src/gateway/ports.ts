import type { PrincipalSource } from '../accounts/principal.ts';
import type { Random } from '../core/base/random.ts';
import type { Upstream } from '../providers/contract.ts';
import type { CallOutcome } from './call.ts';

/** One finished call, for the log: no prompt, no answer, no secret. */
export interface CallRecord {
  readonly callId: string;
  readonly decisionId: string;
  readonly method: string;
  readonly path: string;
  readonly remoteAddress: string;
  readonly principal: string | undefined;
  readonly model: string | undefined;
  readonly group: string | undefined;
  readonly deploymentId: string | undefined;
  readonly upstreamModel: string | undefined;
  readonly tags: readonly string[];
  readonly stream: boolean;
  readonly outcome: CallOutcome;
  readonly status: number;
  readonly code: string | undefined;
  readonly upstreamStatus: number | undefined;
  readonly upstreamMs: number;
  readonly durationMs: number;
  /** What only the log may know: a stack, an upstream's words. */
  readonly internal: string | undefined;
}

/** Where finished calls are written. */
export interface CallLog {
  /** True where the reasons of every decision are wanted. */
  readonly detailed: boolean;
  call(record: CallRecord): void;
  detail(message: string, fields: Readonly<Record<string, unknown>>): void;
}

/** A whole log: calls, and what happens beside them. */
export interface GatewayLog extends CallLog {
  /** Something happened outside any call that whoever runs the gateway wants to know. */
  notice(message: string, fields: Readonly<Record<string, unknown>>): void;
  /** Something failed outside any call. */
  failure(message: string, fields: Readonly<Record<string, unknown>>): void;
  /** Writes what waits. */
  flush(): void;
}

/** Temporary files for what cannot go on before the whole of it has come. */
export interface SpoolStore {
  /** Rejects where the temporary folder cannot be used. */
  open(): Promise<SpoolFile>;
}

/** One temporary file: written, read, then closed, which removes it. */
export interface SpoolFile {
  append(bytes: Uint8Array): Promise<void>;
  /** All of it from the beginning, in pieces that the receiver may keep. */
  chunks(): AsyncIterable<Uint8Array>;
  /** Never rejects; may be called more than once. */
  close(): Promise<void>;
}

/** What the pipeline needs of the world outside. */
export interface GatewayPorts {
  readonly upstream: Upstream;
  readonly spools: SpoolStore;
  readonly principals: PrincipalSource;
  readonly log: CallLog;
  readonly random: Random;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}
