import type { Random } from '../../core/base/random.ts';
import type { ProductIdentity } from '../../gateway/stamp.ts';
import { homePage } from './home-page.ts';
import { listModels, modelGroupInfo, modelInfo, oneModel } from './models.ts';
import { answerJson, type KnownVisit, type Visit } from './respond.ts';
import { Router, type Page } from './router.ts';

export interface PageSettings {
  readonly product: ProductIdentity;
  readonly random: Random;
}

/** The endpoints that are answered here, by path. */
export function makeRouter(settings: PageSettings): Router {
  const open = (show: (visit: Visit) => void): Page => ({ kind: 'open', method: 'GET', show });
  const known = (show: (visit: KnownVisit) => void): Page => ({ kind: 'known', method: 'GET', show });
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
    ['/health/readiness', open((visit) => answerReadiness(visit, settings.product))],
    ['/v1/models', known(listModels)],
    ['/models', known(listModels)],
    ['/model/info', known(modelInfo)],
    ['/v1/model/info', known(modelInfo)],
    ['/model_group/info', known(modelGroupInfo)],
    ['/route/explain', { kind: 'known', method: 'POST', show: explainRoute }],
    ['/routes', open((visit) => answerJson(visit, { routes: router.list() }))],
  ]);
  const router = new Router(pages, { kind: 'known', method: 'GET', show: oneModel });
  return router;
}

function answerReadiness(visit: Visit, product: ProductIdentity): void {
  answerJson(visit, { status: 'healthy', db: 'Not connected', litellm_version: product.litellmVersion });
}
