import { startSimulator, type Simulator } from '../../src/surfaces/simulator/simulator.ts';
import { startHarness, type Harness } from './harness.ts';

/** A gateway in front of simulated upstreams, for official clients to talk to. */
export interface ClientStage extends AsyncDisposable {
  readonly gateway: Harness;
  /** What a client takes as its base URL. */
  readonly baseURL: string;
  /** The upstream of the group `slow`: 20 tokens a second, 1,000 tokens an answer. */
  readonly slow: Simulator;
}

/**
 * Groups: `gpt-4` (deployments tagged free, paid, default), `tagged-only` (tagged free, no default), `embed`, `slow`,
 * `limited` (429 always, Retry-After 0), `broken` (500 always), `cut` (streams break off).
 */
export async function startClientStage(): Promise<ClientStage> {
  const answerTokens = { kind: 'fixed', value: 12 } as const;
  const simulators = {
    free: await startSimulator({ name: 'free', answerTokens }),
    paid: await startSimulator({ name: 'paid', answerTokens }),
    default: await startSimulator({ name: 'default', answerTokens }),
    slow: await startSimulator({ name: 'slow', tokensPerSecond: 20, answerTokens: { kind: 'fixed', value: 1000 } }),
    limited: await startSimulator({ name: 'limited', errors: new Map([[429, 1]]), retryAfterSeconds: 0 }),
    broken: await startSimulator({ name: 'broken', errors: new Map([[500, 1]]) }),
    cut: await startSimulator({ name: 'cut', cutStreams: 1 }),
  };
  const deployment = (group: string, upstream: keyof typeof simulators, tags: readonly string[] = []): object => ({
    model_name: group,
    litellm_params: {
      model: `openai/${upstream}-model`,
      api_key: 'none-needed',
      api_base: `${simulators[upstream].url}/v1`,
      tags,
    },
    model_info: { id: `${group}-${upstream}` },
  });
  const gateway = await startHarness({
    model_list: [
      deployment('gpt-4', 'free', ['free']),
      deployment('gpt-4', 'paid', ['paid']),
      deployment('gpt-4', 'default', ['default']),
      deployment('tagged-only', 'free', ['free']),
      deployment('embed', 'free'),
      deployment('slow', 'slow'),
      deployment('limited', 'limited'),
      deployment('broken', 'broken'),
      deployment('cut', 'cut'),
    ],
    router_settings: { enable_tag_filtering: true },
  });
  return {
    gateway,
    baseURL: `${gateway.url}/v1`,
    slow: simulators.slow,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await Promise.all(Object.values(simulators).map((simulator) => simulator.close()));
    },
  };
}

/** Waits until `check` holds. Rejects after five seconds. */
export async function eventually(check: () => boolean): Promise<void> {
  const end = performance.now() + 5000;
  while (!check()) {
    if (performance.now() > end) throw new Error(`It never came true: ${check.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
