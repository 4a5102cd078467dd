import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BENCH_CORE, startWorker, TARGET_CORE, type Pinned } from './load/processes.ts';
import { hotSpots, type CpuProfile } from './load/profile-summary.ts';
import { BODY_END, gatewayConfig, requestFor, UPSTREAMS, type UpstreamKind } from './load/scenarios.ts';
import { startWaymark } from './load/waymark.ts';

// Where Waymark's time goes under one kind of load: node bench/profile.ts --kind json --connections 64 --seconds 5

const KEY = 'sk-bench-0123456789abcdef';
const FOLDER = fileURLToPath(new URL('results/', import.meta.url));

async function portOf(worker: Pinned, kind: UpstreamKind): Promise<number> {
  const answer = await worker.tell({ role: 'simulate', options: UPSTREAMS[kind] });
  if ('port' in answer) return answer.port;
  throw new Error('The simulator did not start.');
}

async function load(
  kind: UpstreamKind,
  setting: { connections: number; seconds: number; entry?: string },
): Promise<string> {
  const [simulator, generator] = [startWorker(BENCH_CORE), startWorker(BENCH_CORE)];
  const folder = `${FOLDER}profile-${new Date().toISOString().replaceAll(':', '-')}`;
  mkdirSync(folder, { recursive: true });
  try {
    const upstream = await portOf(simulator, kind);
    const gateway = await startWaymark(gatewayConfig({ json: upstream, burst: upstream, paced: upstream }, KEY), {
      core: TARGET_CORE,
      nodeArguments: ['--cpu-prof', '--cpu-prof-interval=250', `--cpu-prof-dir=${folder}`],
      ...(setting.entry === undefined ? {} : { entry: setting.entry }),
    });
    const request = requestFor(kind, { port: gateway.port, key: KEY });
    const { connections, seconds } = setting;
    const order = {
      port: gateway.port,
      connections,
      request,
      bodyEnd: BODY_END[kind],
      warmUpMs: 0,
      measureMs: seconds * 1000,
    };
    try {
      await generator.tell({ role: 'load', order: { ...order, watch: [] } });
    } finally {
      await gateway.stop();
    }
    return folder;
  } finally {
    await Promise.all([simulator.stop(), generator.stop()]);
  }
}

function show(folder: string): void {
  for (const file of readdirSync(folder)) {
    const profile = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as CpuProfile;
    console.log(`${folder}/${file}`);
    for (const spot of hotSpots(profile).slice(0, 45))
      console.log(`${(spot.share * 100).toFixed(1).padStart(6)} %  ${spot.name}`);
  }
}

const { values } = parseArgs({
  options: {
    kind: { type: 'string', default: 'json' },
    connections: { type: 'string', default: '64' },
    seconds: { type: 'string', default: '5' },
    entry: { type: 'string' },
  },
});
const kind = (['json', 'burst', 'paced'] as const).find((known) => known === values.kind);
if (kind === undefined) throw new Error('--kind is json, burst or paced.');
show(
  await load(kind, {
    connections: Number(values.connections),
    seconds: Number(values.seconds),
    ...(values.entry === undefined ? {} : { entry: values.entry }),
  }),
);
