import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { hostFacts } from './load/host.ts';
import { interleave, type Sample, type Target } from './load/interleave.ts';
import { BENCH_CORE, startWorker, TARGET_CORE, type Pinned } from './load/processes.ts';
import { compare, reportText } from './load/report.ts';
import { gatewayConfig, SCENARIOS, UPSTREAMS, type UpstreamKind } from './load/scenarios.ts';
import { startWaymark, type MeasuredGateway } from './load/waymark.ts';
import type { WorkerOrder } from './load/worker.ts';

const HELP = `npm run bench -- [--rounds 7] [--seconds 1.5] [--only TEXT] [--entry FILE]

Measures Waymark against a bare proxy, interleaved, on one core each. Linux, two cores, a quiet machine.
  --rounds N     how often each pair is measured
  --seconds S    measured part of each slice
  --only TEXT    only loads whose name holds the text: "JSON", "64 connections"
  --entry FILE   the program that is Waymark; dist/waymark.mjs unless given, else src/main.ts`;

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
}

async function main(setting: Setting): Promise<void> {
  const workers: Pinned[] = [];
  const start = (core: number): Pinned => {
    const worker = startWorker(core);
    workers.push(worker);
    return worker;
  };
  let gateway: MeasuredGateway | undefined;
  try {
    const [simulator, generator, bare] = [start(BENCH_CORE), start(BENCH_CORE), start(TARGET_CORE)];
    const direct = await portsOf(simulator, (kind) => ({ role: 'simulate', options: UPSTREAMS[kind] }));
    const proxied = await portsOf(bare, (kind) => ({ role: 'bare', upstream: `http://127.0.0.1:${direct[kind]}` }));
    gateway = await startWaymark(gatewayConfig(direct, KEY), {
      core: TARGET_CORE,
      ...(setting.entry === undefined ? {} : { entry: setting.entry }),
    });
    const { port, pid, entry } = gateway;
    const targets: Target[] = [
      { name: 'bare', pid: bare.pid, ports: proxied },
      { name: 'waymark', pid, ports: { json: port, burst: port, paced: port } },
      { name: 'direct', pid: simulator.pid, ports: direct },
    ];
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
    });
    save(samples, entry);
  } finally {
    await gateway?.stop();
    await Promise.all(workers.map(async (worker) => worker.stop()));
  }
}

function progress(sample: Sample): string {
  const rate = Math.round(sample.slice.requests / sample.slice.seconds);
  return `round ${sample.round + 1}, ${sample.scenario}, ${sample.target}: ${rate}/s\n`;
}

/** Prints the tables and keeps every sample under bench/results. */
function save(samples: readonly Sample[], entry: string): void {
  const host = hostFacts();
  const verdicts = [...new Set(samples.map((sample) => sample.scenario))].map((scenario) => compare(samples, scenario));
  const folder = fileURLToPath(new URL('results/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const file = `${folder}load-${host.date.replaceAll(':', '-')}.json`;
  writeFileSync(file, JSON.stringify({ host, entry, verdicts, samples }, null, 1));
  console.log(`${host.date}, ${host.cpu}, ${host.cores} cores, Linux ${host.kernel}, Node ${host.node}, ${entry}\n`);
  console.log(reportText(samples));
  console.log(`\nEvery sample: ${file}`);
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '1.5' },
    only: { type: 'string', default: '' },
    entry: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(HELP);
else if (process.platform !== 'linux' || availableParallelism() < 2) {
  console.error('The bench needs Linux and two cores: it pins processes with taskset and reads CPU times from /proc.');
  process.exitCode = 1;
} else
  await main({
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    only: values.only,
    entry: values.entry,
  });
