import { setTimeout } from 'node:timers/promises';
import { GatewayError } from '../../core/errors/gateway-error.ts';
import type { ConfigState } from '../../gateway/config-state.ts';
import type { ProductIdentity } from '../../gateway/stamp.ts';
import { shuttingDown } from '../../gateway/steps/admit.ts';
import { answerJson, type KnownVisit, type Visit } from './respond.ts';

/** `GET /config/problems`: whether the files serve, and all that was found in them; each finding as `waymark check --json` has it. */
export async function configProblems(visit: KnownVisit, config: ConfigState): Promise<void> {
  if (visit.principal.kind !== 'master') {
    throw new GatewayError('admin_only', { message: 'Only the master key may see what is wrong with the config.' });
  }
  const { state, version, readAt } = config.standing;
  const problems = (await config.findings()).map(({ code, severity, message, hint, path, at }) => ({
    code,
    severity,
    message,
    hint: hint ?? null,
    path: path ?? null,
    file: at?.file ?? null,
    line: at?.line ?? null,
    column: at?.column ?? null,
  }));
  answerJson(visit, { state, config_version: version, read_at: new Date(readAt).toISOString(), problems });
}

/** What tells whether the gateway is ready. `database`: absent where no keys are kept. */
export interface ReadinessOf {
  readonly config: ConfigState;
  /** Not open: the gateway shuts down. */
  readonly admission: { readonly open: boolean };
  readonly database?: { ping(): Promise<void> } | undefined;
  readonly product: ProductIdentity;
}

const AWAY = 'Not connected';
/** Probes wait a second, as a rule: a database that hangs must not look like a gateway that does. */
const PATIENCE_MS = 500;

/** In LiteLLM's words. A database that is away leaves the gateway healthy too: known keys go on. */
async function databaseState(database: ReadinessOf['database']): Promise<string> {
  if (database === undefined) return AWAY;
  const answered = database.ping().then(
    () => 'connected',
    () => AWAY,
  );
  return await Promise.race([answered, setTimeout(PATIENCE_MS, AWAY, { ref: false })]);
}

/**
 * `GET /health/readiness`. A stale config leaves it healthy: calls are served, and taking every replica out of service for a
 * mistyped line would be the greater harm. One that shuts down is not ready (503). It needs no key, so it names codes alone, neither files nor words of theirs.
 */
export async function readiness(visit: Visit, { config, database, product, admission }: ReadinessOf): Promise<void> {
  if (!admission.open) throw shuttingDown('The gateway is shutting down.');
  const { state, refusedFor } = config.standing;
  const stale = {
    message: 'The config on disk cannot be served from; the one before it still serves. GET /config/problems says why.',
    codes: refusedFor,
  };
  answerJson(visit, {
    status: 'healthy',
    db: await databaseState(database),
    litellm_version: product.litellmVersion,
    config: { state, ...(state === 'stale' ? stale : {}) },
  });
}
