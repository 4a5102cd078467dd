/** Puts tag cases side by side into one LiteLLM config: a group each, every deployment with an upstream path of its own. */
import type { CaseDeployment, TagCase } from './tag-case.ts';

/** A case with its place in a config. */
export interface PlacedCase {
  readonly given: TagCase;
  /** Unique in the config; its group and its deployments are named after it. */
  readonly label: string;
}

/** Ids are one namespace in a config, and cases reuse them. */
export function placedId({ label }: PlacedCase, id: string): string {
  return `${label}-${id}`;
}

/** The id in the case. */
export function idInCase(placed: PlacedCase, id: string): string {
  const start = `${placed.label}-`;
  if (!id.startsWith(start)) throw new Error(`${id} is no deployment of ${placed.label}.`);
  return id.slice(start.length);
}

/** What a call names as its model. */
export function placedModel(placed: PlacedCase): string {
  const { call_by: by, deployment_id: named } = placed.given.request;
  if (named !== undefined) return placedId(placed, named);
  if (by === 'alias') return `${placed.label}-alias`;
  return by === 'wildcard' ? `${placed.label}/any` : placed.label;
}

/** `baseOf`: the upstream of the deployment at this place in its group, as a URL without a slash at the end. */
export function modelListOf(placed: PlacedCase, baseOf: (index: number) => string): object[] {
  const wild = placed.given.request.call_by === 'wildcard';
  return placed.given.deployments.map((deployment, index) => ({
    model_name: wild ? `${placed.label}/*` : placed.label,
    ...settingsOf(deployment, placedId(placed, deployment.id), baseOf(index)),
  }));
}

function settingsOf(deployment: CaseDeployment, id: string, base: string): object {
  const { tags, tag_regex, private: hidden, allow_fail_open, enable_tag_filtering } = deployment;
  return {
    litellm_params: {
      model: 'openai/conformance',
      api_base: `${base}/${id}/v1`,
      api_key: 'upstream-needs-none',
      ...defined({ tags, tag_regex }),
    },
    model_info: { id, ...defined({ private: hidden, allow_fail_open, enable_tag_filtering }) },
  };
}

/** A config for cases whose router settings and declared tags are those of the first. */
export function gatewayConfigOf(cases: readonly PlacedCase[], baseOf: (index: number) => string): object {
  const first = cases[0]?.given;
  const aliases = cases
    .filter(({ given }) => given.request.call_by === 'alias')
    .map((placed) => [`${placed.label}-alias`, placed.label]);
  return {
    model_list: cases.flatMap((placed) => modelListOf(placed, baseOf)),
    router_settings: {
      ...first?.router,
      ...(aliases.length === 0 ? {} : { model_group_alias: Object.fromEntries(aliases) }),
    },
    ...(first?.tags_declared === undefined ? {} : { tags: first.tags_declared }),
  };
}

/** Cases that one config can hold, by their router settings and declared tags. */
export function bySettings(cases: readonly TagCase[]): TagCase[][] {
  const groups = Map.groupBy(cases, ({ router, tags_declared }) =>
    JSON.stringify([Object.entries(router).sort(([a], [b]) => (a < b ? -1 : 1)), tags_declared ?? {}]),
  );
  return [...groups.values()];
}

function defined(record: object): object {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
