import type { SimulatorOptions } from '../../src/surfaces/simulator/simulator.ts';

/** One kind of load. */
export interface Scenario {
  readonly name: string;
  readonly connections: number;
  readonly upstream: UpstreamKind;
}

export type UpstreamKind = 'json' | 'burst' | 'paced';

/** How each kind of upstream answers. 48 tokens make a stream of 50 events; 115 tokens an answer of about 1 KB. */
export const UPSTREAMS: Readonly<Record<UpstreamKind, SimulatorOptions>> = {
  json: { name: 'bench', answerTokens: { kind: 'fixed', value: 115 } },
  burst: { name: 'bench', answerTokens: { kind: 'fixed', value: 48 } },
  paced: { name: 'bench', answerTokens: { kind: 'fixed', value: 48 }, tokensPerSecond: 250 },
};

const WORDS: Readonly<Record<UpstreamKind, string>> = {
  json: 'JSON, 1 KB',
  burst: 'stream, 50 events at once',
  paced: 'stream, 50 events at 250/s',
};

/** Every kind at 1 and at 64 connections. */
export const SCENARIOS: readonly Scenario[] = (['json', 'burst', 'paced'] as const).flatMap((upstream) =>
  [1, 64].map((connections) => ({
    name: `${WORDS[upstream]}, ${connections} connection${connections === 1 ? '' : 's'}`,
    connections,
    upstream,
  })),
);

/** What every body must end with. */
export const BODY_END: Readonly<Record<UpstreamKind, string>> = {
  json: '}}',
  burst: 'data: [DONE]\n\n',
  paced: 'data: [DONE]\n\n',
};

/** The chat request of a scenario, head and body: about 1 KB of body, a key, a tag that three of eight deployments carry. */
export function requestFor(upstream: UpstreamKind, target: { port: number; key: string }): string {
  const question = 'Say something about gateways, tags and the art of measuring. '.repeat(13);
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
