import type { Operation } from '../providers/contract.ts';

/** An endpoint that is routed to a deployment. */
export interface CallEndpoint {
  readonly operation: Operation;
  /** The group that the path names; undefined: the body names it. */
  readonly pathModel?: string;
}

const BY_BODY: ReadonlyMap<string, CallEndpoint> = new Map(
  (
    [
      ['/chat/completions', 'chat'],
      ['/completions', 'completions'],
      ['/embeddings', 'embeddings'],
    ] as const
  ).flatMap(([path, operation]) => [
    [path, { operation }],
    [`/v1${path}`, { operation }],
  ]),
);

/** `/chat/completions` before `/completions`: the longer suffix decides. */
const SUFFIXES = ['/chat/completions', '/completions', '/embeddings'] as const;
const PREFIXES = ['/openai/deployments/', '/v1/engines/', '/engines/'] as const;

/** Every path of a call, for the list of routes. */
export const CALL_PATHS: readonly string[] = [
  ...BY_BODY.keys(),
  ...PREFIXES.flatMap((prefix) => SUFFIXES.map((suffix) => `${prefix}{model}${suffix}`)),
];

/** The endpoint of a path, or undefined. The model in a path may hold slashes, encoded or not. */
export function findCallEndpoint(path: string): CallEndpoint | undefined {
  return BY_BODY.get(path) ?? findByPathModel(path);
}

function findByPathModel(path: string): CallEndpoint | undefined {
  const prefix = PREFIXES.find((candidate) => path.startsWith(candidate));
  if (prefix === undefined) return undefined;
  const suffix = SUFFIXES.find((candidate) => path.endsWith(candidate));
  if (suffix === undefined || path.length <= prefix.length + suffix.length) return undefined;
  const pathModel = decodeSegment(path.slice(prefix.length, path.length - suffix.length));
  const operation = BY_BODY.get(suffix)?.operation;
  return pathModel === undefined || operation === undefined ? undefined : { operation, pathModel };
}

/** Percent-decodes; undefined where the escapes are no UTF-8. */
export function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
