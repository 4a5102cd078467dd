import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { hostFacts } from './load/host.ts';
import { interleave, type Sample, type Target } from './load/interleave.ts';
import { BENCH_CORE, startWorker, TARGET_CORE, type Pinned } from './load/processes.ts';
import { compare, reportText, type Verdict } from './load/report.ts';
import { gatewayConfig, SCENARIOS, UPSTREAMS, type UpstreamKind } from './load/scenarios.ts';
import { keysReport, measureKeys } from './load/keys.ts';
import { installRivals, startRivals, type RivalSetting } from './load/rivals.ts';
import { startWaymark } from './load/waymark.ts';
import type { WorkerOrder } from './load/worker.ts';

const HELP = `npm run bench -- [--rounds 5] [--seconds 1] [--only TEXT] [--no-rivals] [--entry FILE] [--against FILE]

Measures Waymark against a bare proxy and other gateways, interleaved, on one core each. Linux, two cores, a quiet machine.
  --install      puts Portkey and LiteLLM into bench/rivals first
  --no-rivals    only the bare proxy
  --rounds N     how often each pair is measured
  --seconds S    measured part of each slice
  --only TEXT    only loads whose name holds the text: "JSON", "64 connections"
  --entry FILE   the program that is Waymark; dist/waymark.mjs unless given, else src/main.ts
  --against FILE a second Waymark to compare it with, in the same run
  --keys N       no bare proxy: the master key, a stored key, and a stored key among N, on databases of their own`;

const KINDS = ['json', 'burst', 'paced'] as const satisfies readonly UpstreamKind[];
/** Not a secret: it opens a gateway that lives for the length of a bench, on loopback. */
const KEY = 'sk-bench-0123456789abcdef';

async function portsOf(
  worker: Pinned,
  order: (kind: UpstreamKind) => WorkerOrder,
): Promise<Record<UpstreamKind, number>> {
  const ports = { json: 0, burst: 0, paced: 0 };
  for (const kind of KINDS) {
    const answer = await worker.tell(order(kind));
    if ('port' in answer) ports[kind] = answer.port;
  }
  return ports;
}

interface Setting {
  readonly rounds: number;
  readonly seconds: number;
  readonly only: string;
  readonly entry: string | undefined;
  readonly against: string | undefined;
  readonly keys: number;
  readonly rivals: boolean;
}

/** Everything that was started; `stop` ends it all. */
class Started {
  readonly #stops: (() => Promise<void>)[] = [];

  worker(core: number): Pinned {
    const worker = startWorker(core);
    this.#stops.push(async () => worker.stop());
    return worker;
  }

  async gateway(
    name: 'waymark' | 'other',
    config: string,
    entry: string | undefined,
  ): Promise<Target & { entry: string }> {
    const gateway = await startWaymark(config, { core: TARGET_CORE, ...(entry === undefined ? {} : { entry }) });
    this.#stops.push(async () => gateway.stop());
    const { port, pid } = gateway;
    return { name, pid, ports: { json: port, burst: port, paced: port }, entry: gateway.entry };
  }

  /** The other gateways that are at hand; the rest are named. */
  async rivals(setting: RivalSetting): Promise<Target[]> {
    const rivals: Target[] = [];
    const missing = await startRivals(setting, (rival) => {
      rivals.push(rival);
      this.#stops.push(async () => rival.stop());
    });
    for (const { name, bringsIt } of missing) console.error(`Not measured: ${name}. What brings it: ${bringsIt}.`);
    return rivals;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#stops.map(async (stop) => stop()));
  }
}

async function main(setting: Setting): Promise<void> {
  if (setting.keys > 0) {
    await compareKeys(setting);
    return;
  }
  const started = new Started();
  try {
    const simulator = started.worker(BENCH_CORE);
    const generator = started.worker(BENCH_CORE);
    const bare = started.worker(TARGET_CORE);
    const direct = await portsOf(simulator, (kind) => ({ role: 'simulate', options: UPSTREAMS[kind] }));
    const proxied = await portsOf(bare, (kind) => ({ role: 'bare', upstream: `http://127.0.0.1:${direct[kind]}` }));
    const config = gatewayConfig(direct, KEY);
    const waymark = await started.gateway('waymark', config, setting.entry);
    const targets: Target[] = [{ name: 'bare', pid: bare.pid, ports: proxied }, waymark];
    if (setting.against !== undefined) targets.push(await started.gateway('other', config, setting.against));
    if (setting.rivals) targets.push(...(await started.rivals({ core: TARGET_CORE, upstreams: direct, config })));
    targets.push({ name: 'direct', pid: simulator.pid, ports: direct });
    const samples = await interleave({
      scenarios: SCENARIOS.filter((scenario) => scenario.name.includes(setting.only)),
      targets,
      generator,
      simulatorPid: simulator.pid,
      rounds: setting.rounds,
      warmUpMs: 500,
      measureMs: setting.seconds * 1000,
      key: KEY,
      onSample: (sample) => process.stderr.write(progress(sample)),
      onFailure: ({ name }, scenario, error) =>
        process.stderr.write(`${name} is not measured further under ${scenario}: ${String(error).split('\n', 1)[0]}\n`),
    });
    save(samples, waymark.entry);
  } finally {
    await started.stop();
  }
}

async function compareKeys(setting: Setting): Promise<void> {
  const started = new Started();
  try {
    const simulator = started.worker(BENCH_CORE);
    const generator = started.worker(BENCH_CORE);
    const direct = await portsOf(simulator, (kind) => ({ role: 'simulate', options: UPSTREAMS[kind] }));
    const { samples, entry } = await measureKeys(
      { config: gatewayConfig(direct, KEY), masterKey: KEY, storedKeys: setting.keys, entry: setting.entry },
      {
        scenarios: SCENARIOS.filter((scenario) => scenario.name.includes(setting.only)),
        generator,
        simulatorPid: simulator.pid,
        rounds: setting.rounds,
        warmUpMs: 500,
        measureMs: setting.seconds * 1000,
        onSample: (sample) => process.stderr.write(progress(sample)),
      },
    );
    keep({ samples, entry }, keysReport(samples));
  } finally {
    await started.stop();
  }
}

function progress(sample: Sample): string {
  const rate = Math.round(sample.slice.requests / sample.slice.seconds);
  return `round ${sample.round + 1}, ${sample.scenario}, ${sample.target}: ${rate}/s\n`;
}

function save(samples: readonly Sample[], entry: string): void {
  const verdicts = [...new Set(samples.map((sample) => sample.scenario))].map((scenario) => compare(samples, scenario));
  keep({ samples, verdicts, entry }, reportText(samples));
}

/** Prints the report and keeps every sample under bench/results. */
function keep(
  found: { readonly samples: readonly Sample[]; readonly entry: string; readonly verdicts?: readonly Verdict[] },
  report: string,
): void {
  const host = hostFacts();
  const folder = fileURLToPath(new URL('results/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const file = `${folder}load-${host.date.replaceAll(':', '-')}.json`;
  writeFileSync(file, JSON.stringify({ host, ...found }, null, 1));
  console.log(
    `${host.date}, ${host.cpu}, ${host.cores} cores, Linux ${host.kernel}, Node ${host.node}, ${found.entry}\n`,
  );
  console.log(report);
  console.log(`\nEvery sample: ${file}`);
}

const { values } = parseArgs({
  allowNegative: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    entry: { type: 'string' },
    against: { type: 'string' },
    keys: { type: 'string', default: '0' },
    rivals: { type: 'boolean', default: true },
    install: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(HELP);
else if (process.platform !== 'linux' || availableParallelism() < 2) {
  console.error('The bench needs Linux and two cores: it pins processes with taskset and reads CPU times from /proc.');
  process.exitCode = 1;
} else {
  if (values.install) installRivals();
  await main({
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    only: values.only,
    entry: values.entry,
    against: values.against,
    keys: Number(values.keys),
    rivals: values.rivals,
  });
}
