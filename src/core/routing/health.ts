/** Why a deployment cannot serve now. `unbuildable`: it could not be built from the config (text says why, for admins). */
export interface Unavailability {
  readonly reason: 'cooling' | 'full' | 'tried' | 'unbuildable';
  /** For the log and for admins. */
  readonly text?: string;
  /** Seconds until it may serve again, where known. */
  readonly retryAfterSeconds?: number;
}

/** What is known now of the deployments' health. Read by routing, written only by the attempt loop. */
export interface HealthView {
  /** True when every deployment can serve: spares the walk. */
  readonly allAvailable: boolean;
  /** Undefined: it can serve. */
  unavailability(deploymentId: string): Unavailability | undefined;
}

/** A view in which everything can serve. */
export const ALL_AVAILABLE: HealthView = { allAvailable: true, unavailability: () => undefined };
