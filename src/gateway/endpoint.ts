import { OPERATION_NAMES, OPERATIONS, type Operation } from '../providers/operations.ts';

/** An endpoint that is routed to a deployment. */
export interface CallEndpoint {
  readonly operation: Operation;
  /** The group that the path names; undefined: the body names it. */
  readonly pathModel?: string;
  /** The response that the path names; undefined: the call makes one. */
  readonly stored?: StoredResponsePath;
}

/** What is asked of a response that was made before: all of it, an end to it, or what came in. */
export interface StoredResponsePath {
  /** As the client wrote it. */
  readonly id: string;
  readonly part: '' | '/cancel' | '/input_items';
}

/** `/chat/completions` before `/completions`: the longer suffix decides. */
const SUFFIXES: readonly (readonly [string, Operation])[] = OPERATION_NAMES.map(
  (operation) => [OPERATIONS[operation].path, operation] as const,
).toSorted(([a], [b]) => b.length - a.length);

const BY_BODY: ReadonlyMap<string, CallEndpoint> = new Map([
  ...SUFFIXES.flatMap(([path, operation]) => [[path, { operation }] as const, [`/v1${path}`, { operation }] as const]),
  // Cohere's newer path of the same request.
  ['/v2/rerank', { operation: 'rerank' }],
  // Azure's clients ask so, with and without a version; LiteLLM answers them too.
  ['/openai/v1/responses', { operation: 'responses' }],
  ['/openai/responses', { operation: 'responses' }],
]);

const PREFIXES = ['/openai/deployments/', '/v1/engines/', '/engines/'] as const;

/** Where responses that were made before are asked for. */
const RESPONSES = ['/responses/', '/v1/responses/', '/openai/v1/responses/', '/openai/responses/'] as const;

/** The methods of each part of a stored response. */
const STORED_METHODS: ReadonlyMap<StoredResponsePath['part'], readonly string[]> = new Map([
  ['', ['GET', 'DELETE']],
  ['/cancel', ['POST']],
  ['/input_items', ['GET']],
]);

/** Every path of a stored response with its methods, for the list of routes. */
export const STORED_PATHS: readonly { readonly path: string; readonly methods: readonly string[] }[] =
  RESPONSES.flatMap((prefix) =>
    Array.from(STORED_METHODS, ([part, methods]) => ({ path: `${prefix}{response_id}${part}`, methods })),
  );

/** The methods that an endpoint answers to. */
export function methodsOf({ stored }: CallEndpoint): readonly string[] {
  return (stored === undefined ? undefined : STORED_METHODS.get(stored.part)) ?? POST;
}

const POST = ['POST'] as const;

/** Every path that makes a call, for the list of routes. */
export const CALL_PATHS: readonly string[] = [
  ...BY_BODY.keys(),
  ...PREFIXES.flatMap((prefix) => SUFFIXES.map(([suffix]) => `${prefix}{model}${suffix}`)),
];

/** The endpoint of a path, or undefined. The model in a path may hold slashes, encoded or not. */
export function findCallEndpoint(path: string): CallEndpoint | undefined {
  return BY_BODY.get(path) ?? findStored(path) ?? findByPathModel(path);
}

function findStored(path: string): CallEndpoint | undefined {
  const prefix = RESPONSES.find((candidate) => path.startsWith(candidate));
  if (prefix === undefined) return undefined;
  const match = /^([^/]+)(\/cancel|\/input_items)?$/.exec(path.slice(prefix.length));
  const id = decodeSegment(match?.[1] ?? '');
  // `/responses/compact` is an endpoint of its own at OpenAI, which is not served.
  if (id === undefined || id === '' || id === 'compact') return undefined;
  return { operation: 'responses', stored: { id, part: (match?.[2] ?? '') as StoredResponsePath['part'] } };
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
