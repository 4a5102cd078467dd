import { seededRandom } from '../../src/core/base/random.ts';
import { decide } from '../../src/core/routing/decide.ts';
import type { Facts, TagPolicy } from '../../src/core/routing/facts.ts';
import { ALL_AVAILABLE, type HealthView } from '../../src/core/routing/health.ts';
import type { RoutingConfig, RoutingDeployment } from '../../src/core/routing/settings.ts';
import { compileTable, type RoutingTable } from '../../src/core/routing/table.ts';
import { hostFacts } from '../load/host.ts';
import { show, summarise, type Summary } from '../statistics.ts';

// What one routing decision costs. Warm: tag sets seen before, 64 of them in turn. Cold: a tag set never seen, each time.

const WARM: Shape = { batch: 5000, batches: 60, warmUp: 50_000 };
const COLD: Shape = { batch: 100, batches: 60, warmUp: 1000 };
const POLICY: TagPolicy = { master: false, policyTags: {}, onUnpermittedTag: 'reject', enableTagFiltering: false };

interface Size {
  readonly deployments: number;
  readonly tags: number;
}

/** One group; every deployment carries three tags, every tag of the vocabulary stands on some where there is room. */
function configOf(size: Size): RoutingConfig {
  const deployments = Array.from({ length: size.deployments }, (_, index): RoutingDeployment => {
    const own = [0, 1, 2].map((step) => `tag-${(index * 3 + step) % size.tags}`);
    return { id: `d-${index}`, tags: own, tagRegex: [], private: false, allowFailOpen: false, weight: 1 + (index % 3) };
  });
  return {
    settings: { enableTagFiltering: true, matchAny: true, prefix: '', authority: 'fence', declared: [] },
    groups: [{ name: 'group', deployments }],
    aliases: [],
    fallbacks: { general: new Map(), contextWindow: new Map(), contentPolicy: new Map() },
    version: 'bench',
  };
}

/** A call with two tags that deployments carry. */
function factsOf(first: number, second: number): Facts {
  const tags = [first, second].map((tag) => ({ text: `tag-${tag}`, sources: ['body.tags' as const] }));
  return { model: 'group', tags, userAgent: 'waymark-bench', policy: POLICY };
}

interface Shape {
  readonly batch: number;
  readonly batches: number;
  readonly warmUp: number;
}

/** CPU time of this thread so far, in nanoseconds: other processes on the core do not count. The kernel gives microseconds. */
function threadNanoseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) * 1000;
}

/** CPU nanoseconds for each call of `work`, batch by batch, after a warm-up. `work` gets a number that never comes twice. */
function time(work: (index: number) => void, shape: Shape = WARM): Summary {
  let index = 0;
  for (; index < shape.warmUp; index += 1) work(index);
  const results: number[] = [];
  for (let batch = 0; batch < shape.batches; batch += 1) {
    const before = threadNanoseconds();
    for (const end = index + shape.batch; index < end; index += 1) work(index);
    results.push((threadNanoseconds() - before) / shape.batch);
  }
  return summarise(results);
}

function warm(table: RoutingTable, size: Size, view: HealthView): Summary {
  const random = seededRandom(1);
  const used = Math.min(size.tags, size.deployments * 3);
  const calls = Array.from({ length: 64 }, (_, index) => factsOf((index * 7) % used, (index * 7 + (used >> 1)) % used));
  const empty = factsOf(0, 1);
  return time((index) => {
    const decision = decide(calls[index & 63] ?? empty, table, { view, random });
    if (decision.kind !== 'send') throw new Error(`A call of the bench was refused: ${decision.message}`);
  });
}

/** Every pair of tags comes once. */
function cold(table: RoutingTable): Summary {
  const random = seededRandom(1);
  return time((index) => {
    decide(factsOf(index % 10_000, (index * 31 + 17) % 10_000), table, { view: ALL_AVAILABLE, random });
  }, COLD);
}

/** A new key each time: its tag has never been applied to the group, which thousands of deployments make costly. */
function newPolicy(table: RoutingTable): Summary {
  const random = seededRandom(1);
  return time((index) => {
    const policy: TagPolicy = { ...POLICY, policyTags: { key: [`tag-${index % 10}`, `note-${index}`] } };
    decide({ ...factsOf(index % 10, (index + 3) % 10), policy }, table, { view: ALL_AVAILABLE, random });
  }, COLD);
}

/** One deployment of the group cannot serve: nothing may be taken for granted. */
function oneCooling(id: string): HealthView {
  const cooling = { reason: 'cooling', retryAfterSeconds: 5 } as const;
  return { allAvailable: false, unavailability: (asked) => (asked === id ? cooling : undefined) };
}

function report(): void {
  const host = hostFacts();
  console.log(`${host.date}, ${host.cpu}, Node ${host.node}. CPU nanoseconds a decision, median with quartiles.\n`);
  console.log('| deployments | tags | warm | warm, one deployment cooling |\n| --- | --- | --- | --- |');
  for (const tags of [10, 10_000]) {
    for (const deployments of [10, 1000, 10_000]) {
      const size = { deployments, tags };
      const { table } = compileTable(configOf(size));
      const calm = show(warm(table, size, ALL_AVAILABLE), 0);
      const cooling = show(warm(table, size, oneCooling('d-3')), 0);
      console.log(`| ${deployments} | ${tags} | ${calm} | ${cooling} |`);
    }
  }
  const began = process.hrtime.bigint();
  const { table } = compileTable(configOf({ deployments: 10_000, tags: 10_000 }));
  const compiled = Number(process.hrtime.bigint() - began) / 1e6;
  console.log(
    `\nCold, 10,000 deployments and 10,000 tags: ${show(cold(table), 0)} ns a decision, each with a new pair of tags.`,
  );
  const few = compileTable(configOf({ deployments: 10_000, tags: 10 })).table;
  console.log(
    `Cold, 10,000 deployments and 10 tags, a new policy each time: ${show(newPolicy(few), 0)} ns a decision.`,
  );
  console.log(`Compiling the table of 10,000 deployments and 10,000 tags: ${compiled.toFixed(1)} ms, once.`);
}

report();
