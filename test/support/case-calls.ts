/** Asks a running gateway about tag cases: through explain, and with real calls to upstreams that count. */
import { request } from 'undici';
import type { Principal } from '../../src/accounts/principal.ts';
import type { PlacedCase } from './case-gateway.ts';
import { gatewayConfigOf, idInCase, placedId, placedModel } from './case-gateway.ts';
import { casePolicy } from './case-to-routing.ts';
import { chatBehaviour, startFakeUpstream } from './fake-upstream.ts';
import type { FakeUpstream } from './fake-upstream.ts';
import { MASTER_KEY, startHarness } from './harness.ts';
import type { Harness } from './harness.ts';
import type { CaseAnswer } from './tag-case.ts';

/** What one real call came to: the deployment that served it (its id in the case), or the refusal. */
export type Outcome = { readonly served: string } | { readonly status: number; readonly code: string };

/** The ways in that take tags. `{model}` in a path stands for the body's `model`. */
export const WAYS_IN = [
  { path: '/v1/chat/completions', stream: false },
  { path: '/chat/completions', stream: true },
  { path: '/openai/deployments/{model}/chat/completions', stream: false },
  { path: '/engines/{model}/chat/completions', stream: false },
  { path: '/v1/completions', stream: false },
  { path: '/v1/embeddings', stream: false },
] as const;

export type WayIn = (typeof WAYS_IN)[number];

/** What a key hears about its own call. */
export interface CallerExplanation {
  readonly decision: 'send' | 'refuse';
  readonly status: number;
  readonly code: string | null;
  /** Deployments of the case whose id stands anywhere in the answer. */
  readonly named: readonly string[];
}

/** A gateway with some cases in it, and one upstream for each place in a group. */
export class CaseGateway {
  readonly #harness: Harness;
  readonly #upstreams: readonly FakeUpstream[];

  private constructor(harness: Harness, upstreams: readonly FakeUpstream[]) {
    this.#harness = harness;
    this.#upstreams = upstreams;
  }

  /** The cases must share router settings and declared tags. */
  static async start(cases: readonly PlacedCase[]): Promise<CaseGateway> {
    const most = Math.max(...cases.map(({ given }) => given.deployments.length));
    const upstreams = await Promise.all(Array.from({ length: most }, () => startFakeUpstream(() => chatBehaviour())));
    const harness = await startHarness(gatewayConfigOf(cases, (index) => upstreams[index]?.url ?? ''));
    return new CaseGateway(harness, upstreams);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#harness[Symbol.asyncDispose]();
    await Promise.all(this.#upstreams.map((upstream) => upstream[Symbol.asyncDispose]()));
  }

  /** `POST /route/explain` as an administrator; ids as in the case. */
  async explain(placed: PlacedCase): Promise<CaseAnswer> {
    const { given } = placed;
    const { tags, user_agent, policy_tags, allowed_tags, virtual_key, on_unpermitted_tag, enable_tag_filtering } =
      given.request;
    const question = {
      model: placedModel(placed),
      tags,
      user_agent,
      policy_tags,
      allowed_tags,
      virtual_key,
      on_unpermitted_tag,
      enable_tag_filtering,
      cooling: given.deployments.filter((each) => each.cooled_down === true).map((each) => placedId(placed, each.id)),
      seed: 1,
    };
    const response = await this.#harness.post('/route/explain', question);
    if (response.status !== 200) throw new Error(`explain: ${response.status} ${await response.text()}`);
    const answer = (await response.json()) as Required<CaseAnswer> & { decision: string };
    const inCase = (list: readonly string[]): string[] => list.map((id) => idInCase(placed, id));
    const { status, code, failed_open } = answer;
    const eligible = inCase(answer.eligible);
    if (answer.decision === 'send') return { eligible, available: inCase(answer.available), failed_open };
    return status === 503 ? { status, code, eligible } : { status, code };
  }

  /** `POST /route/explain` as the case's own key, about its own call: ids as in the case. */
  async explainAsCaller(placed: PlacedCase, key = this.keyOf(placed)): Promise<CallerExplanation> {
    const { tags, user_agent } = placed.given.request;
    const response = await this.#whileCooling(placed, () =>
      this.#harness.post('/route/explain', { model: placedModel(placed), tags, user_agent }, { key }),
    );
    if (response.status !== 200) throw new Error(`explain: ${response.status} ${await response.text()}`);
    const text = await response.text();
    const { decision, status, code } = JSON.parse(text) as CallerExplanation;
    const named = placed.given.deployments.filter(({ id }) => text.includes(`"${placedId(placed, id)}"`));
    return { decision, status, code, named: named.map(({ id }) => id) };
  }

  /** One real call, the key and the cooling of the case given to the gateway through their ports. */
  async call(placed: PlacedCase, key = this.keyOf(placed), way: WayIn = WAYS_IN[0]): Promise<Outcome> {
    const before = this.#upstreams.map((upstream) => upstream.bytesReceived);
    const outcome = await this.#whileCooling(placed, () => this.#send(placed, key, way));
    const touched = this.#upstreams.flatMap((upstream, index) =>
      upstream.bytesReceived === before[index] ? [] : [placed.given.deployments[index]?.id ?? `place ${index}`],
    );
    const right = 'served' in outcome ? [outcome.served] : [];
    if (touched.join() !== right.join()) {
      throw new Error(
        `${placed.label}: served by ${right.join() || 'nobody'}, bytes went to ${touched.join() || 'nobody'}.`,
      );
    }
    return outcome;
  }

  /** Makes the case's key known to the gateway; the master key where the case asks with nothing that a key has. */
  keyOf({ given }: PlacedCase): string {
    const policy = casePolicy(given);
    const plain = policy.master && !policy.enableTagFiltering && Object.keys(policy.policyTags).length === 0;
    if (plain && policy.onUnpermittedTag === 'reject') return MASTER_KEY;
    const principal: Principal = { kind: policy.master ? 'master' : 'key', id: 'case', policy };
    return this.#harness.addKey(principal);
  }

  async #whileCooling<T>(placed: PlacedCase, ask: () => Promise<T>): Promise<T> {
    const cooled = placed.given.deployments.filter((each) => each.cooled_down === true);
    for (const { id } of cooled) this.#harness.cooling.add(placedId(placed, id), 5);
    try {
      return await ask();
    } finally {
      for (const { id } of cooled) this.#harness.cooling.remove(placedId(placed, id));
    }
  }

  async #send(placed: PlacedCase, key: string, { path, stream }: WayIn): Promise<Outcome> {
    const { header, tags, metadata_tags, litellm_metadata_tags, user_agent } = placed.given.request;
    const inPath = path.includes('{model}');
    const response = await request(this.#harness.url + path.replace('{model}', placedModel(placed)), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        ...(header === undefined ? {} : { 'x-litellm-tags': header }),
        ...(user_agent === undefined ? {} : { 'user-agent': user_agent }),
      },
      body: JSON.stringify({
        ...(inPath ? {} : { model: placedModel(placed) }),
        ...(path.endsWith('chat/completions')
          ? { messages: [{ role: 'user', content: 'Which deployment are you?' }] }
          : { prompt: 'Which deployment are you?', input: 'Which deployment are you?' }),
        ...(stream ? { stream } : {}),
        ...(tags === undefined ? {} : { tags }),
        ...(metadata_tags === undefined ? {} : { metadata: { tags: metadata_tags } }),
        ...(litellm_metadata_tags === undefined ? {} : { litellm_metadata: { tags: litellm_metadata_tags } }),
      }),
    });
    const text = await response.body.text();
    if (response.statusCode === 200) {
      return { served: idInCase(placed, String(response.headers['x-litellm-model-id'])) };
    }
    const { error } = JSON.parse(text) as { error: { code: string } };
    return { status: response.statusCode, code: error.code };
  }
}
