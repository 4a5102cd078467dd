import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { cpuMicroseconds } from './load/cpu.ts';
import { hostFacts } from './load/host.ts';
import { BENCH_CORE, startWorker, TARGET_CORE, type Pinned } from './load/processes.ts';
import { startRivals } from './load/rivals.ts';
import { gatewayConfig, requestFor, UPSTREAMS, BODY_END, type UpstreamKind } from './load/scenarios.ts';
import type { Target } from './load/interleave.ts';
import { startWaymark } from './load/waymark.ts';

// Resident memory of each target: idle, after load, and with thousands of streams open that say next to nothing; and what those cost
// in CPU time. One target after the other, each in its own process.

/** Not a secret: it opens a gateway that lives for the length of a bench, on loopback. */
const KEY = 'sk-bench-0123456789abcdef';
/** Long enough for collectors that wait for a quiet moment. */
const SETTLE_MS = 3000;
const LOAD_MS = 8000;
const HOLD_MS = 10_000;
/** A stream that begins, and then says a word every 20 seconds. */
const IDLE = { name: 'bench', answerTokens: { kind: 'fixed', value: 1000 }, tokensPerSecond: 0.05 } as const;

interface Figures {
  readonly target: string;
  readonly idle: number;
  readonly loaded: number;
  readonly settled: number;
  readonly holding: number | undefined;
  /** CPU of all held streams together, milliseconds a second. */
  readonly holdingCpu: number | undefined;
  readonly after: number | undefined;
}

/** Resident set of a process, in MB. */
function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return Number(kilobytes) / 1024;
}

async function measure(target: Target, generator: Pinned, streams: number): Promise<Figures> {
  const { pid } = target;
  await delay(SETTLE_MS);
  const idle = residentMegabytes(pid);
  const request = (kind: UpstreamKind): string =>
    requestFor(kind, { port: target.ports[kind], key: KEY, headers: target.headersFor?.(kind) ?? [] });
  await generator.tell({
    role: 'load',
    order: {
      port: target.ports.json,
      connections: 64,
      request: request('json'),
      bodyEnd: BODY_END.json,
      warmUpMs: 0,
      measureMs: LOAD_MS,
      watch: [pid],
    },
  });
  const loaded = residentMegabytes(pid);
  await delay(SETTLE_MS);
  const settled = residentMegabytes(pid);
  const rest = { target: target.name, idle, loaded, settled };
  if (target.rival === true) return { ...rest, holding: undefined, holdingCpu: undefined, after: undefined };
  await generator.tell({ role: 'hold', order: { port: target.ports.paced, streams, request: request('paced') } });
  await delay(SETTLE_MS);
  const before = cpuMicroseconds(pid);
  await delay(HOLD_MS);
  const holdingCpu = (cpuMicroseconds(pid) - before) / HOLD_MS;
  const holding = residentMegabytes(pid);
  const released = await generator.tell({ role: 'release' });
  if (!('held' in released) || released.held !== streams)
    throw new Error(`${target.name} did not hold ${streams} streams to the end.`);
  await delay(SETTLE_MS);
  return { ...rest, holding, holdingCpu, after: residentMegabytes(pid) };
}

async function main(streams: number): Promise<void> {
  const stops: (() => Promise<void>)[] = [];
  const worker = (core: number): Pinned => {
    const started = startWorker(core);
    stops.push(async () => started.stop());
    return started;
  };
  try {
    const [simulator, generator, bare] = [worker(BENCH_CORE), worker(BENCH_CORE), worker(TARGET_CORE)];
    const portOf = async (order: Parameters<Pinned['tell']>[0], at: Pinned): Promise<number> => {
      const answer = await at.tell(order);
      if (!('port' in answer)) throw new Error('A worker did not start what it was told to.');
      return answer.port;
    };
    const json = await portOf({ role: 'simulate', options: UPSTREAMS.json }, simulator);
    const paced = await portOf({ role: 'simulate', options: IDLE }, simulator);
    const upstreams = { json, burst: json, paced };
    const bareJson = await portOf({ role: 'bare', upstream: `http://127.0.0.1:${json}` }, bare);
    const barePaced = await portOf({ role: 'bare', upstream: `http://127.0.0.1:${paced}` }, bare);
    const config = gatewayConfig(upstreams, KEY);
    const waymark = await startWaymark(config, { core: TARGET_CORE });
    stops.push(async () => waymark.stop());
    const { port } = waymark;
    const targets: Target[] = [
      { name: 'bare', pid: bare.pid, ports: { json: bareJson, burst: bareJson, paced: barePaced } },
      { name: 'waymark', pid: waymark.pid, ports: { json: port, burst: port, paced: port } },
    ];
    const missing = await startRivals({ core: TARGET_CORE, upstreams, config }, (rival) => {
      targets.push(rival);
      stops.push(async () => rival.stop());
    });
    for (const { name, bringsIt } of missing) console.error(`Not measured: ${name}. What brings it: ${bringsIt}.`);
    const figures: Figures[] = [];
    for (const target of targets) figures.push(await measure(target, generator, streams));
    print(figures, streams);
  } finally {
    await Promise.all(stops.map(async (stop) => stop()));
  }
}

function print(figures: readonly Figures[], streams: number): void {
  const host = hostFacts();
  const cell = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(0));
  console.log(`${host.date}, ${host.cpu}, Node ${host.node}. Resident memory in MB.\n`);
  console.log(
    `| target | idle | under load, 64 connections | a moment later | ${streams} idle streams | KB a stream | their CPU, ms/s | after them |`,
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const one of figures) {
    const each = one.holding === undefined ? undefined : ((one.holding - one.settled) * 1024) / streams;
    const cells = [one.idle, one.loaded, one.settled, one.holding, each, one.holdingCpu, one.after].map(cell);
    console.log(`| ${[one.target, ...cells].join(' | ')} |`);
  }
}

const { values } = parseArgs({ options: { streams: { type: 'string', default: '5000' } } });
await main(Number(values.streams));
