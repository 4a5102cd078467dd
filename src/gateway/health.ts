import type { HealthView, Unavailability } from '../core/routing/health.ts';

/** Which deployments are cooling down. Written by whoever watches the outcomes; outlives a change of the config. */
export class Cooling {
  readonly #entries = new Map<string, Unavailability>();

  get any(): boolean {
    return this.#entries.size > 0;
  }

  get(deploymentId: string): Unavailability | undefined {
    return this.#entries.get(deploymentId);
  }

  /** Sets a deployment aside. `retryAfterSeconds`: what a refused caller is told, where it is known. */
  add(deploymentId: string, retryAfterSeconds?: number): void {
    this.#entries.set(deploymentId, coolingDown(retryAfterSeconds));
  }

  remove(deploymentId: string): void {
    this.#entries.delete(deploymentId);
  }
}

/** Health as routing sees it: what could not be built from the config, and what is cooling down now. */
export class Health implements HealthView {
  readonly #unbuildable: ReadonlyMap<string, Unavailability>;
  readonly #cooling: Cooling;

  /** `unbuildable`: deployment id to the reason, for admins. */
  constructor(unbuildable: ReadonlyMap<string, string>, cooling: Cooling) {
    this.#unbuildable = new Map(
      Array.from(unbuildable, ([id, text]): [string, Unavailability] => [id, { reason: 'unbuildable', text }]),
    );
    this.#cooling = cooling;
  }

  get allAvailable(): boolean {
    return this.#unbuildable.size === 0 && !this.#cooling.any;
  }

  unavailability(deploymentId: string): Unavailability | undefined {
    return this.#unbuildable.get(deploymentId) ?? this.#cooling.get(deploymentId);
  }
}

/** `view`, with these deployments cooling down as well. */
export function withCooling(view: HealthView, deploymentIds: readonly string[]): HealthView {
  if (deploymentIds.length === 0) return view;
  const ids = new Set(deploymentIds);
  return {
    allAvailable: false,
    unavailability: (id) => view.unavailability(id) ?? (ids.has(id) ? coolingDown() : undefined),
  };
}

function coolingDown(retryAfterSeconds?: number): Unavailability {
  return { reason: 'cooling', ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
}
