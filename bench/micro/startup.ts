import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hostFacts } from '../load/host.ts';
import { gatewayConfig } from '../load/scenarios.ts';
import { freePort, waymarkEntry } from '../load/waymark.ts';
import { show, summarise } from '../statistics.ts';

// From starting the process to a connection that it takes, in milliseconds. What the bench itself adds: it looks every 2 ms.

const RUNS = 15;
const GIVE_UP_MS = 20_000;

async function takesConnection(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function startOnce(argv: (port: number) => readonly string[]): Promise<number> {
  const port = await freePort();
  const began = performance.now();
  const child = spawn(process.execPath, argv(port), { stdio: 'ignore' });
  const exited = once(child, 'exit');
  try {
    while (!(await takesConnection(port))) {
      if (performance.now() - began > GIVE_UP_MS || child.exitCode !== null) throw new Error('Waymark did not start.');
      await delay(2);
    }
    return performance.now() - began;
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
}

async function measure(argv: (port: number) => readonly string[]): Promise<string> {
  const times: number[] = [];
  // The first start fills the compile cache and the page cache: it is not counted.
  for (let run = 0; run <= RUNS; run += 1) {
    const took = await startOnce(argv);
    if (run > 0) times.push(took);
  }
  return `${show(summarise(times), 0)} ms`;
}

const folder = mkdtempSync(join(tmpdir(), 'waymark-bench-'));
try {
  const config = join(folder, 'config.yaml');
  writeFileSync(config, gatewayConfig({ json: 9001, burst: 9002, paced: 9003 }, 'sk-bench-0123456789abcdef'));
  const entry = waymarkEntry();
  const host = hostFacts();
  console.log(`${host.date}, ${host.cpu}, Node ${host.node}, ${entry}. Median of ${RUNS} starts, with quartiles.\n`);
  const serve = ['serve', '--config', config, '--data-dir', folder, '--host', '127.0.0.1', '--port'];
  console.log(`waymark serve, 24 deployments: ${await measure((port) => [entry, ...serve, String(port)])}`);
  const server = "require('node:http').createServer().listen(+process.argv[1], '127.0.0.1')";
  console.log(`node:http alone, for comparison: ${await measure((port) => ['-e', server, String(port)])}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
