import { hostFacts } from '../load/host.ts';
import { BENCH_CORE, startWorker, TARGET_CORE } from '../load/processes.ts';
import { BODY_END, requestFor, UPSTREAMS } from '../load/scenarios.ts';
import type { WorkerOrder } from '../load/worker.ts';
import { show, summarise } from '../statistics.ts';

// What the simulator's own HTTP/1.1 saves: the same answer from it and from node:http, interleaved, on core 0.

const ROUNDS = 9;

const generator = startWorker(BENCH_CORE);
const ours = startWorker(TARGET_CORE);
const plain = startWorker(TARGET_CORE);

async function portOf(worker: typeof ours, order: WorkerOrder): Promise<number> {
  const answer = await worker.tell(order);
  if ('port' in answer) return answer.port;
  throw new Error('A server of the bench did not start.');
}

async function cpuPerRequest(port: number, pid: number): Promise<number> {
  const request = requestFor('json', { port, key: 'sk-bench-0123456789abcdef' });
  const order = {
    port,
    connections: 64,
    request,
    bodyEnd: BODY_END.json,
    warmUpMs: 300,
    measureMs: 1000,
    watch: [pid],
  };
  const answer = await generator.tell({ role: 'load', order });
  if (!('slice' in answer)) throw new Error('The generator answered something else than a slice.');
  return (answer.slice.cpu[0] ?? Number.NaN) / answer.slice.requests;
}

try {
  const port = await portOf(ours, { role: 'simulate', options: UPSTREAMS.json });
  const sample = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'json', messages: [] }),
  });
  const plainPort = await portOf(plain, { role: 'plain-server', body: await sample.text() });
  const samples: { ours: number; plain: number }[] = [];
  for (let round = -1; round < ROUNDS; round += 1) {
    const pair = { ours: await cpuPerRequest(port, ours.pid), plain: await cpuPerRequest(plainPort, plain.pid) };
    if (round >= 0) samples.push(pair);
  }
  const host = hostFacts();
  console.log(
    `${host.date}, ${host.cpu}, Node ${host.node}. CPU microseconds a request, 64 connections, 1 KB each way.\n`,
  );
  console.log(`simulator: ${show(summarise(samples.map((pair) => pair.ours)))}`);
  console.log(`node:http, the same bytes: ${show(summarise(samples.map((pair) => pair.plain)))}`);
  console.log(
    `simulator over node:http, pair by pair: ${show(summarise(samples.map((pair) => pair.ours / pair.plain)), 2)}`,
  );
} finally {
  await Promise.all([generator.stop(), ours.stop(), plain.stop()]);
}
