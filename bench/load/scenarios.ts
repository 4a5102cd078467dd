import type { SimulatorOptions } from '../../src/surfaces/simulator/simulator.ts';

/** One kind of load. */
export interface Scenario {
  readonly name: string;
  readonly connections: number;
  readonly upstream: UpstreamKind;
  /** Length of the request's body, roughly. */
  readonly bodyBytes: number;
  /** True where other gateways are measured too: they take their time, and tell nothing new under every load. */
  readonly rivals: boolean;
}

export type UpstreamKind = 'json' | 'burst' | 'paced';

/** How each kind of upstream answers. 48 tokens make a stream of 50 events; 115 tokens an answer of about 1 KB. */
export const UPSTREAMS: Readonly<Record<UpstreamKind, SimulatorOptions>> = {
  json: { name: 'bench', answerTokens: { kind: 'fixed', value: 115 } },
  burst: { name: 'bench', answerTokens: { kind: 'fixed', value: 48 } },
  paced: { name: 'bench', answerTokens: { kind: 'fixed', value: 48 }, tokensPerSecond: 250 },
};

/** Events of a stream, the role and the finish included. */
export const EVENTS_OF_A_STREAM = 50;

const WORDS: Readonly<Record<UpstreamKind, string>> = {
  json: 'JSON',
  burst: 'stream, 50 events at once',
  paced: 'stream, 50 events at 250/s',
};

const SIZES = [
  ['1 KB', 1024],
  ['16 KB', 16 * 1024],
  ['1 MB', 1024 * 1024],
] as const;

const CONNECTIONS = [1, 16, 64, 256] as const;
/** Where a rival is measured as well: kind, size and connections. */
const RIVALS: ReadonlySet<string> = new Set([
  'JSON, 1 KB, 1 connection',
  'JSON, 1 KB, 64 connections',
  'JSON, 16 KB, 64 connections',
  'JSON, 1 MB, 16 connections',
  'stream, 50 events at once, 64 connections',
  'stream, 50 events at 250/s, 1 connection',
]);

/** JSON with every size and number of connections; streams with every number of connections. */
export const SCENARIOS: readonly Scenario[] = [
  ...SIZES.flatMap(([words, bodyBytes]) =>
    CONNECTIONS.map((connections) => scenario(`${WORDS.json}, ${words}`, { upstream: 'json', connections, bodyBytes })),
  ),
  ...(['burst', 'paced'] as const).flatMap((upstream) =>
    CONNECTIONS.map((connections) => scenario(WORDS[upstream], { upstream, connections, bodyBytes: 1024 })),
  ),
];

function scenario(words: string, load: Pick<Scenario, 'upstream' | 'connections' | 'bodyBytes'>): Scenario {
  const name = `${words}, ${load.connections} connection${load.connections === 1 ? '' : 's'}`;
  return { ...load, name, rivals: RIVALS.has(name) };
}

/** What every body must end with. */
export const BODY_END: Readonly<Record<UpstreamKind, string>> = {
  json: '}',
  burst: 'data: [DONE]\n\n',
  paced: 'data: [DONE]\n\n',
};

/** Where a request goes, and what it carries beside its body. */
export interface RequestTarget {
  readonly port: number;
  readonly key: string;
  /** Whole header lines. */
  readonly headers?: readonly string[];
}

/** A body without its question is about this long. Bytes. */
const REST_OF_BODY = 200;

/** The chat request of a load, head and body: a key, a tag that three of eight deployments carry, a question as long as wanted. */
export function requestFor(upstream: UpstreamKind, target: RequestTarget, bodyBytes = 1024): string {
  const sentence = 'Say something about gateways, tags and the art of measuring. ';
  const question = sentence.repeat(Math.max(1, Math.round((bodyBytes - REST_OF_BODY) / sentence.length)));
  const body = JSON.stringify({
    model: upstream,
    messages: [
      { role: 'system', content: 'You answer briefly.' },
      { role: 'user', content: question },
    ],
    temperature: 0.2,
    ...(upstream === 'json' ? {} : { stream: true }),
    metadata: { tags: ['paid'] },
  });
  const head = [
    'POST /v1/chat/completions HTTP/1.1',
    `host: 127.0.0.1:${target.port}`,
    'content-type: application/json',
    `authorization: Bearer ${target.key}`,
    'user-agent: waymark-bench',
    ...(target.headers ?? []),
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/** Waymark's config: a group for each kind of upstream with eight deployments, tagged free, paid or default. */
export function gatewayConfig(ports: Readonly<Record<UpstreamKind, number>>, key: string): string {
  const tags = ['free', 'paid', 'default'];
  const deployment = (kind: UpstreamKind, index: number): string => `
  - model_name: ${kind}
    litellm_params:
      model: openai/upstream-model-${index}
      api_key: sk-upstream
      api_base: http://127.0.0.1:${ports[kind]}/v1
      tags: ["${tags[index % tags.length]}"]
    model_info: { id: ${kind}-${index} }`;
  const list = (['json', 'burst', 'paced'] as const).flatMap((kind) =>
    Array.from({ length: 8 }, (_, index) => deployment(kind, index)),
  );
  return `model_list:${list.join('')}
router_settings:
  enable_tag_filtering: true
general_settings:
  master_key: ${key}
`;
}
