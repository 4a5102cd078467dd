import { OPERATION_NAMES, OPERATIONS, type Operation } from '../providers/operations.ts';

/** An endpoint that is routed to a deployment. */
export interface CallEndpoint {
  readonly operation: Operation;
  /** The group that the path names; undefined: the body names it. */
  readonly pathModel?: string;
}

/** `/chat/completions` before `/completions`: the longer suffix decides. */
const SUFFIXES: readonly (readonly [string, Operation])[] = OPERATION_NAMES.map(
  (operation) => [OPERATIONS[operation].path, operation] as const,
).toSorted(([a], [b]) => b.length - a.length);

const BY_BODY: ReadonlyMap<string, CallEndpoint> = new Map([
  ...SUFFIXES.flatMap(([path, operation]) => [[path, { operation }] as const, [`/v1${path}`, { operation }] as const]),
  // Cohere's newer path of the same request.
  ['/v2/rerank', { operation: 'rerank' }],
]);

const PREFIXES = ['/openai/deployments/', '/v1/engines/', '/engines/'] as const;

/** Every path of a call, for the list of routes. */
export const CALL_PATHS: readonly string[] = [
  ...BY_BODY.keys(),
  ...PREFIXES.flatMap((prefix) => SUFFIXES.map(([suffix]) => `${prefix}{model}${suffix}`)),
];

/** The endpoint of a path, or undefined. The model in a path may hold slashes, encoded or not. */
export function findCallEndpoint(path: string): CallEndpoint | undefined {
  return BY_BODY.get(path) ?? findByPathModel(path);
}

function findByPathModel(path: string): CallEndpoint | undefined {
  const prefix = PREFIXES.find((candidate) => path.startsWith(candidate));
  if (prefix === undefined) return undefined;
  const suffix = SUFFIXES.find(([candidate]) => path.endsWith(candidate));
  if (suffix === undefined || path.length <= prefix.length + suffix[0].length) return undefined;
  const pathModel = decodeSegment(path.slice(prefix.length, path.length - suffix[0].length));
  return pathModel === undefined ? undefined : { operation: suffix[1], pathModel };
}

/** Percent-decodes; undefined where the escapes are no UTF-8. */
export function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
