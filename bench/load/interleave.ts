import { coreBusyMicroseconds } from './host.ts';
import { TARGET_CORE, type Pinned } from './processes.ts';
import { BODY_END, requestFor, type Scenario, type UpstreamKind } from './scenarios.ts';
import type { SliceResult } from './worker.ts';

/** Something that requests can be sent to. */
export interface Target {
  /** `other`: a second Waymark, for comparing two builds in one run; `key`s: by the key that is sent; the last: other gateways. */
  readonly name: 'direct' | 'bare' | 'waymark' | 'other' | 'key' | 'key-of-many' | RivalName;
  /** The process whose CPU time counts. */
  readonly pid: number;
  readonly ports: Readonly<Record<UpstreamKind, number>>;
  /** Sent in place of the plan's. */
  readonly key?: string;
  /** Further header lines of a request. */
  readonly headersFor?: (kind: UpstreamKind) => readonly string[];
  /** True for another gateway: not under every load. */
  readonly rival?: boolean;
}

export type RivalName = 'portkey' | 'litellm' | 'nginx';

/** One slice, with what was going on around it. */
export interface Sample {
  readonly round: number;
  readonly scenario: string;
  readonly target: Target['name'];
  readonly slice: SliceResult;
  /** Share of the target's core that the target used. */
  readonly targetShare: number;
  /** Share of the bench's core that generator and simulator used. */
  readonly benchShare: number;
  /** Share of the target's core that other processes took. */
  readonly foreignShare: number;
}

export interface Plan {
  readonly scenarios: readonly Scenario[];
  readonly targets: readonly Target[];
  readonly generator: Pinned;
  readonly simulatorPid: number;
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly key: string;
  readonly onSample: (sample: Sample) => void;
  /** Another gateway gave an answer that does not count: it is measured no more under this load. */
  readonly onFailure?: (target: Target, scenario: string, error: unknown) => void;
}

/**
 * Measures every target under every scenario, a slice at a time, round after round. Targets stand next to each other in time
 * and change places from round to round, so that what the machine does besides hits them alike.
 */
export async function interleave(plan: Plan): Promise<Sample[]> {
  const samples: Sample[] = [];
  const lost = new Set<string>();
  for (const target of plan.targets) await warmUp(plan, lost, target);
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const scenario of plan.scenarios) {
      const rivals = scenario.rivals && round < ROUNDS_OF_RIVALS;
      const targets = plan.targets.filter((target) => rivals || target.rival !== true);
      const order = round % 2 === 0 ? targets : targets.toReversed();
      for (const target of order) {
        const sample = await measureUnlessLost(plan, lost, { round, scenario, target });
        if (sample === undefined) continue;
        samples.push(sample);
        plan.onSample(sample);
      }
    }
  }
  return samples;
}

/** Other gateways are measured in so many rounds, and in slices this many times as long: the slowest does not answer once in a short one. */
const ROUNDS_OF_RIVALS = 3;
const SLICES_OF_RIVALS = 4;

/** Requests until V8 has compiled what there is to compile. */
const WARM_UP_REQUESTS = 15_000;
const WARM_UP_SLICES = 30;
/** The slowest needs a minute for what others do in a second. */
const WARM_UP_SLICES_OF_RIVALS = 4;
const WARM_UP_CONNECTIONS = 64;
const WARM_UP = 'warm-up';

/** Nobody measures a program that the compiler has not seen at work: requests count here, not seconds. */
async function warmUp(plan: Plan, lost: Set<string>, target: Target): Promise<void> {
  const kinds = [...new Set(plan.scenarios.map(({ upstream }) => upstream))];
  const slices = target.rival === true ? WARM_UP_SLICES_OF_RIVALS : WARM_UP_SLICES;
  for (const upstream of kinds) {
    const scenario = { name: WARM_UP, upstream, connections: WARM_UP_CONNECTIONS, bodyBytes: 1024, rivals: true };
    let requests = 0;
    for (let slice = 0; slice < slices && requests < WARM_UP_REQUESTS / kinds.length; slice += 1) {
      const sample = await measureUnlessLost(plan, lost, { round: -1, scenario, target });
      if (sample === undefined) break;
      requests += sample.slice.requests;
    }
  }
}

/** One bad answer ends the run; one of another gateway ends what is measured of it under this load. */
async function measureUnlessLost(
  plan: Plan,
  lost: Set<string>,
  at: { round: number; scenario: Scenario; target: Target },
): Promise<Sample | undefined> {
  const load = `${at.target.name}, ${at.scenario.name === WARM_UP ? `warm-up ${at.scenario.upstream}` : at.scenario.name}`;
  if (lost.has(load)) return undefined;
  try {
    return await measure(plan, at);
  } catch (error) {
    if (at.target.rival !== true) throw error;
    lost.add(load);
    plan.onFailure?.(at.target, at.scenario.name, error);
    return undefined;
  }
}

async function measure(plan: Plan, at: { round: number; scenario: Scenario; target: Target }): Promise<Sample> {
  const { scenario, target } = at;
  const port = target.ports[scenario.upstream];
  const before = coreBusyMicroseconds(TARGET_CORE);
  const answer = await plan.generator.tell({
    role: 'load',
    order: {
      port,
      connections: scenario.connections,
      request: requestFor(
        scenario.upstream,
        { port, key: target.key ?? plan.key, headers: target.headersFor?.(scenario.upstream) ?? [] },
        scenario.bodyBytes,
      ),
      bodyEnd: BODY_END[scenario.upstream],
      warmUpMs: plan.warmUpMs,
      measureMs: plan.measureMs * (target.rival === true ? SLICES_OF_RIVALS : 1),
      watch: [target.pid, plan.simulatorPid],
    },
  });
  if (!('slice' in answer)) throw new Error('The generator answered something else than a slice.');
  const { slice } = answer;
  const [targetCpu = 0, simulatorCpu = 0] = slice.cpu;
  const wall = slice.seconds * 1e6;
  const busy = coreBusyMicroseconds(TARGET_CORE) - before;
  const whole = wall + plan.warmUpMs * 1000;
  const onTargetCore = target.name === 'direct' ? 0 : targetCpu / wall;
  return {
    round: at.round,
    scenario: scenario.name,
    target: target.name,
    slice,
    targetShare: onTargetCore,
    benchShare: (slice.ownCpu + simulatorCpu) / wall,
    foreignShare: Math.max(0, busy / whole - onTargetCore),
  };
}
