import { errorKind, type ErrorCode } from './catalogue.ts';

export interface GatewayErrorInit {
  /** What happened, for the caller. Never names what lies outside the caller's reach, never holds a secret. */
  readonly message: string;
  /** The field or header at fault: `tags[2]`, `metadata.tags`, `model`. */
  readonly param?: string;
  /** `error.details`, for machines. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Seconds for `Retry-After`. */
  readonly retryAfterSeconds?: number;
  /** What only the log and administrators may see. */
  readonly internal?: string;
  /** Overrides the status of the catalogue (an upstream's own status, passed on). */
  readonly status?: number;
}

/** An error that a client sees: a code of the catalogue with its words. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly param: string | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly internal: string | undefined;

  constructor(code: ErrorCode, init: GatewayErrorInit) {
    super(init.message);
    this.name = 'GatewayError';
    this.code = code;
    this.status = init.status ?? errorKind(code).status;
    this.param = init.param;
    this.details = init.details;
    this.retryAfterSeconds = init.retryAfterSeconds;
    this.internal = init.internal;
  }
}

/** The body of an error in the OpenAI dialect: `{"error": {message, type, param, code, details?}}`. */
export interface ErrorEnvelope {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
    readonly details?: Readonly<Record<string, unknown>>;
  };
}

export function errorEnvelope(error: GatewayError): ErrorEnvelope {
  return {
    error: {
      message: error.message,
      type: errorKind(error.code).type,
      param: error.param ?? null,
      code: error.code,
      ...(error.details === undefined ? {} : { details: error.details }),
    },
  };
}
