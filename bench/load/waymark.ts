import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startPinned } from './processes.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const READY_MS = 15_000;

/** A Waymark process under measurement. */
export interface MeasuredGateway {
  readonly pid: number;
  readonly port: number;
  /** What was started: the built program or the sources. */
  readonly entry: string;
  stop(): Promise<void>;
}

/** The built program where there is one, else the sources. */
export function waymarkEntry(): string {
  const built = join(ROOT, 'dist', 'waymark.mjs');
  return existsSync(built) ? built : join(ROOT, 'src', 'main.ts');
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  return port;
}

export interface GatewayStart {
  readonly core: number;
  /** The program to run instead of `waymarkEntry()`. */
  readonly entry?: string;
  /** Where its keys are kept; a folder that goes with it unless given. */
  readonly dataDir?: string;
  /** Go before the program. */
  readonly nodeArguments?: readonly string[];
}

/** Starts Waymark with this config on one core and waits until it answers. */
export async function startWaymark(config: string, at: GatewayStart): Promise<MeasuredGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-bench-'));
  const file = join(folder, 'config.yaml');
  writeFileSync(file, config);
  const port = await freePort();
  const log = join(folder, 'output.log');
  const entry = resolve(at.entry ?? waymarkEntry());
  const serve = [
    'serve',
    '--config',
    file,
    '--port',
    String(port),
    '--host',
    '127.0.0.1',
    '--data-dir',
    at.dataDir ?? folder,
  ];
  const started = startPinned(at.core, [process.execPath, ...(at.nodeArguments ?? []), entry, ...serve], log);
  const stop = async (): Promise<void> => {
    await started.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  if (!(await answersAt(`http://127.0.0.1:${port}/health/liveliness`, performance.now() + READY_MS))) {
    const output = readFileSync(log, 'utf8').slice(-8192);
    await stop();
    throw new Error(`Waymark did not answer within ${READY_MS / 1000} s. It said:\n${output}`);
  }
  return { pid: started.pid, port, entry: relative(ROOT, entry), stop };
}

/** True once the URL answers well; false when `until`, on the monotonic clock, has passed. */
export async function answersAt(url: string, until: number): Promise<boolean> {
  while (performance.now() < until) {
    try {
      const answer = await fetch(url);
      await answer.arrayBuffer();
      if (answer.ok) return true;
    } catch {
      // Not listening yet.
    }
    await delay(50);
  }
  return false;
}
