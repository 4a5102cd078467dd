import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startSimulator, type SimulatorOptions } from '../../src/surfaces/simulator/simulator.ts';
import { quantile } from '../statistics.ts';
import { startBareProxy } from './bare-proxy.ts';
import { HeldStreams, type HoldOrder } from './hold.ts';
import { runLoad, type LoadOrder } from './generator.ts';

/** What a worker process is told, over IPC. */
export type WorkerOrder =
  | { readonly role: 'simulate'; readonly options: SimulatorOptions }
  | { readonly role: 'bare'; readonly upstream: string }
  | { readonly role: 'plain-server'; readonly body: string }
  | { readonly role: 'load'; readonly order: LoadOrder }
  | { readonly role: 'hold'; readonly order: HoldOrder }
  | { readonly role: 'release' };

/** One slice, summed up where it was measured. Times in microseconds. */
export interface SliceResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
  readonly firstByteP50: number;
  readonly firstByteP99: number;
  readonly cpu: readonly number[];
  readonly ownCpu: number;
}

/** What a worker answers. */
export type WorkerAnswer =
  | { readonly port: number }
  | { readonly held: number }
  | { readonly slice: SliceResult }
  | { readonly failed: string };

const held = new HeldStreams();

async function obey(order: WorkerOrder): Promise<WorkerAnswer> {
  switch (order.role) {
    case 'simulate':
      return { port: (await startSimulator(order.options)).port };
    case 'bare':
      return { port: await startBareProxy(order.upstream) };
    case 'plain-server':
      return { port: await startPlainServer(order.body) };
    case 'hold':
      await held.open(order.order);
      return { held: held.count };
    case 'release': {
      const { count } = held;
      held.close();
      return { held: count };
    }
    case 'load':
      return { slice: await loadSlice(order.order) };
  }
}

async function loadSlice(order: LoadOrder): Promise<SliceResult> {
  const { latencies, firstBytes, ...rest } = await runLoad(order);
  return {
    ...rest,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    firstByteP50: quantile(firstBytes, 0.5),
    firstByteP99: quantile(firstBytes, 0.99),
  };
}

/** The same answer from `node:http`, to hold the simulator's own HTTP against. */
async function startPlainServer(body: string): Promise<number> {
  const length = Buffer.byteLength(body);
  const server = createServer((incoming, response) => {
    incoming.resume();
    incoming.on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': length });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

process.on('message', (order: WorkerOrder) => {
  obey(order)
    .catch((error: unknown): WorkerAnswer => ({
      failed: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }))
    .then((answer) => process.send?.(answer))
    .catch(() => process.exit(1));
});
// The orchestrator is gone: so is the work.
process.on('disconnect', () => process.exit(0));
