import type { Random } from '../../core/base/random.ts';
import type { ConfigState } from '../../gateway/config-state.ts';
import type { ManagementSurface } from '../../gateway/management.ts';
import { INFO_ROUTES, MODEL_ROUTES, type RouteGroups } from '../../gateway/route-permission.ts';
import type { ProductIdentity } from '../../gateway/stamp.ts';
import { configProblems, readiness } from './config-problems.ts';
import { homePage } from './home-page.ts';
import { listModels, modelGroupInfo, modelInfo, oneModel } from './models.ts';
import { answerJson, type KnownVisit, type Visit } from './respond.ts';
import { Router, type Page } from './router.ts';

export interface PageSettings {
  readonly product: ProductIdentity;
  readonly random: Random;
  readonly config: ConfigState;
  /** Whether new calls are taken. */
  readonly admission: { readonly open: boolean };
  /** Where keys and teams are kept; absent where they are not. */
  readonly database?: { ping(): Promise<void> } | undefined;
  /** Its paths stand in `/routes` too. */
  readonly management?: ManagementSurface | undefined;
}

/** The endpoints that are answered here, by path. */
export function makeRouter(settings: PageSettings): Router {
  const open = (show: (visit: Visit) => void | Promise<void>): Page => ({ kind: 'open', method: 'GET', show });
  const known = (groups: RouteGroups, show: (visit: KnownVisit) => void | Promise<void>): Page => ({
    kind: 'known',
    method: 'GET',
    groups,
    show,
  });
  const alive = open((visit) => answerJson(visit, "I'm alive!"));
  // Loaded when first asked: what judges the shape of a question takes longer to load than the rest of the surface.
  const explainRoute = async (visit: KnownVisit): Promise<void> => {
    const { routeExplain } = await import('./route-explain.ts');
    return routeExplain(visit, settings.random);
  };
  const pages = new Map<string, Page>([
    ['/', open((visit) => homePage(visit, settings.product))],
    ['/health/liveliness', alive],
    ['/health/liveness', alive],
    ['/health/readiness', open((visit) => readiness(visit, settings))],
    ['/v1/models', known(MODEL_ROUTES, listModels)],
    ['/models', known(MODEL_ROUTES, listModels)],
    ['/model/info', known(INFO_ROUTES, modelInfo)],
    ['/v1/model/info', known(INFO_ROUTES, modelInfo)],
    ['/model_group/info', known(INFO_ROUTES, modelGroupInfo)],
    ['/config/problems', known(INFO_ROUTES, async (visit) => configProblems(visit, settings.config))],
    ['/route/explain', { kind: 'known', method: 'POST', groups: MODEL_ROUTES, show: explainRoute }],
    [
      '/routes',
      open((visit) => answerJson(visit, { routes: [...router.list(), ...(settings.management?.list() ?? [])] })),
    ],
  ]);
  const router = new Router(pages, { kind: 'known', method: 'GET', groups: MODEL_ROUTES, show: oneModel });
  return router;
}
