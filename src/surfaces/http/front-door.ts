import type { PrincipalSource } from '../../accounts/principal.ts';
import { GatewayError } from '../../core/errors/gateway-error.ts';
import { answerError, asGatewayError } from '../../gateway/error-answer.ts';
import type { Exchange } from '../../gateway/exchange.ts';
import { loopbackProblem } from '../../gateway/loopback.ts';
import type { ManagementSurface, ManagementVisit } from '../../gateway/management.ts';
import type { Pipeline } from '../../gateway/pipeline.ts';
import { permitRoute } from '../../gateway/route-permission.ts';
import type { SnapshotHolder } from '../../gateway/snapshot.ts';
import { makeStamp, type ProductIdentity, type Stamp } from '../../gateway/stamp.ts';
import { identify } from '../../gateway/steps/identify.ts';
import type { HeaderPairs } from '../../providers/contract.ts';
import type { HttpHandlers } from './client-connection.ts';
import type { Visit } from './respond.ts';
import type { Found, Router } from './router.ts';

export interface FrontDoorParts {
  readonly holder: SnapshotHolder;
  readonly pipeline: Pipeline;
  readonly router: Router;
  /** Asked for the paths that the router does not have. */
  readonly management?: ManagementSurface | undefined;
  readonly principals: PrincipalSource;
  readonly product: ProductIdentity;
  readonly newId: () => string;
  /** A request that failed outside the pipeline, for the log. */
  readonly onFailure: (error: GatewayError, stamp: Stamp) => void;
}

/** Gives each request its names, looks its path up, and hands it to the pipeline or to a page. */
export class FrontDoor implements HttpHandlers {
  readonly #parts: FrontDoorParts;

  constructor(parts: FrontDoorParts) {
    this.#parts = parts;
  }

  handle(exchange: Exchange): void {
    const { holder, pipeline, router } = this.#parts;
    const snapshot = holder.current;
    const stamp = this.#stamp();
    const problem = snapshot.access === 'loopback' ? loopbackProblem(exchange.headers) : undefined;
    if (problem !== undefined) {
      answerError(exchange, problem, stamp.headers);
      return;
    }
    const found = router.find(exchange.path);
    if (found === undefined && this.#manages({ exchange, stamp, snapshot })) return;
    if (found === undefined || !found.methods.includes(exchange.method)) refuseRoute(exchange, found, stamp);
    else if (found.kind === 'call') void pipeline.run({ exchange, stamp, snapshot, endpoint: found.endpoint });
    else void this.#show(found, { exchange, stamp, snapshot });
  }

  strayHeaders(): HeaderPairs {
    return this.#stamp().headers;
  }

  #stamp(): Stamp {
    const { newId, holder, product } = this.#parts;
    return makeStamp(newId(), holder.current.version, product);
  }

  /** True where the path is the management API's: the answer then comes from there. */
  #manages(visit: ManagementVisit): boolean {
    const { management } = this.#parts;
    const methods = management?.methodsOf(visit.exchange.path);
    if (management === undefined || methods === undefined) return false;
    if (methods.includes(visit.exchange.method)) {
      void management.handle(visit).catch((thrown: unknown) => this.#fail(visit, thrown));
    } else {
      refuseMethod(visit.exchange, methods, visit.stamp);
    }
    return true;
  }

  #fail({ exchange, stamp }: ManagementVisit, thrown: unknown): void {
    const error = asGatewayError(thrown);
    if (error.internal !== undefined) this.#parts.onFailure(error, stamp);
    answerError(exchange, error, stamp.headers);
  }

  async #show(found: Extract<Found, { kind: 'page' }>, visit: Visit): Promise<void> {
    const { page, parameter } = found;
    try {
      if (page.kind === 'open') {
        await page.show(visit);
        return;
      }
      const principal = await identify(visit.exchange.headers, visit.snapshot, this.#parts.principals);
      permitRoute(principal, visit.exchange.path, page.groups);
      await page.show({ ...visit, principal }, parameter);
    } catch (thrown) {
      this.#fail(visit, thrown);
    }
  }
}

function refuseRoute(exchange: Exchange, found: Found | undefined, stamp: Stamp): void {
  if (found === undefined) {
    const message = 'No endpoint has this path. GET /routes lists them.';
    answerError(exchange, new GatewayError('route_not_found', { message }), stamp.headers);
    return;
  }
  refuseMethod(exchange, found.methods, stamp);
}

function refuseMethod(exchange: Exchange, methods: readonly string[], stamp: Stamp): void {
  const message = `This endpoint takes ${methods.join(', ')} only.`;
  const headers = [...stamp.headers, 'allow', methods.join(', ')];
  answerError(exchange, new GatewayError('method_not_allowed', { message }), headers);
}
