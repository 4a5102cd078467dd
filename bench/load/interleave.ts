import { coreBusyMicroseconds } from './host.ts';
import { TARGET_CORE, type Pinned } from './processes.ts';
import { BODY_END, requestFor, type Scenario, type UpstreamKind } from './scenarios.ts';
import type { SliceResult } from './worker.ts';

/** Something that requests can be sent to. */
export interface Target {
  /** `other`: a second Waymark, for comparing two builds in one run; the last two: by the key that is sent. */
  readonly name: 'direct' | 'bare' | 'waymark' | 'other' | 'key' | 'key-of-many';
  /** The process whose CPU time counts. */
  readonly pid: number;
  readonly ports: Readonly<Record<UpstreamKind, number>>;
  /** Sent in place of the plan's. */
  readonly key?: string;
}

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
}

/**
 * Measures every target under every scenario, a slice at a time, round after round. Targets stand next to each other in time
 * and change places from round to round, so that what the machine does besides hits them alike.
 */
export async function interleave(plan: Plan): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const target of plan.targets) await warmUp(plan, target);
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const scenario of plan.scenarios) {
      const order = round % 2 === 0 ? plan.targets : plan.targets.toReversed();
      for (const target of order) {
        const sample = await measure(plan, { round, scenario, target });
        samples.push(sample);
        plan.onSample(sample);
      }
    }
  }
  return samples;
}

/** Requests until V8 has compiled what there is to compile. */
const WARM_UP_REQUESTS = 15_000;
const WARM_UP_SLICES = 30;

/** Nobody measures a program that the compiler has not seen at work: requests count here, not seconds. */
async function warmUp(plan: Plan, target: Target): Promise<void> {
  const busiest = plan.scenarios.toSorted((a, b) => b.connections - a.connections);
  for (const scenario of busiest.filter(({ connections }) => connections === busiest[0]?.connections)) {
    let requests = 0;
    for (let slice = 0; slice < WARM_UP_SLICES && requests < WARM_UP_REQUESTS / busiest.length; slice += 1) {
      requests += (await measure(plan, { round: -1, scenario, target })).slice.requests;
    }
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
      request: requestFor(scenario.upstream, { port, key: target.key ?? plan.key }),
      bodyEnd: BODY_END[scenario.upstream],
      warmUpMs: plan.warmUpMs,
      measureMs: plan.measureMs,
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
