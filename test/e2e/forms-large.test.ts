// 200 MB through the program in constant memory, whichever way round its form stands.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startSimulator, type Simulator } from '../../src/surfaces/simulator/simulator.ts';
import { BOUNDARY, field, file, FORM_TYPE, partBytes, partHead } from '../support/forms.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const MEGABYTE = 1024 * 1024;
const KEY = 'sk-strong-enough-for-a-test';
/** What the process may grow by, from a small upload to two large ones. A copy of one of them is more than that. Megabytes. */
const MOST_GROWTH = 120;

let folder: string;
let simulator: Simulator;
let gateway: ChildProcess;
let port: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'forms-large-'));
  simulator = await startSimulator({ name: 'ears' });
  const litellm_params = { model: 'openai/whisper-1', api_key: 'none', api_base: `${simulator.url}/v1` };
  const config = {
    model_list: [{ model_name: 'whisper', litellm_params }],
    general_settings: { master_key: KEY, max_request_size_mb: 201 },
  };
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(config));
  gateway = spawn(
    process.execPath,
    [join(ROOT, 'src/main.ts'), '--config', 'config.yaml', '--host', '127.0.0.1', '--port', '0'],
    {
      cwd: folder,
      env: { HOME: folder, TMPDIR: folder, PATH: process.env['PATH'] ?? '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  port = await new Promise<number>((resolve, reject) => {
    let output = '';
    for (const stream of [gateway.stdout, gateway.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        const found = /running on http:\/\/127\.0\.0\.1:(\d+)/.exec(output)?.[1];
        if (found !== undefined) resolve(Number(found));
      });
    }
    gateway.on('exit', () => reject(new Error(output)));
  });
}, 60_000);

afterAll(async () => {
  if (gateway.exitCode === null) {
    const gone = new Promise((resolve) => gateway.once('exit', resolve));
    gateway.kill('SIGKILL');
    await gone;
  }
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const BLOCK = randomBytes(MEGABYTE);

function* pieces(megabytes: number, order: 'model first' | 'file first'): Generator<Buffer> {
  if (order === 'model first') yield partBytes(field('model', 'whisper'));
  yield partHead(file(''));
  for (let sent = 0; sent < megabytes; sent += 1) yield BLOCK;
  yield Buffer.from('\r\n');
  if (order === 'file first') yield partBytes(field('model', 'whisper'));
  yield Buffer.from(`--${BOUNDARY}--\r\n`);
}

/** What the upstream says that it got. */
async function upload(megabytes: number, order: 'model first' | 'file first'): Promise<[string, string]> {
  const length = [...pieces(0, order)].reduce((sum, piece) => sum + piece.byteLength, megabytes * MEGABYTE);
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': FORM_TYPE, 'content-length': length };
  return await new Promise((resolve, reject) => {
    const sending = request({ port, host: '127.0.0.1', path: '/v1/audio/transcriptions', method: 'POST', headers });
    sending.on('error', reject);
    sending.on('response', (response) => {
      const of = (name: string): string => String(response.headers[`llm_provider-x-simulated-file-${name}`]);
      void text(response).then((body) =>
        response.statusCode === 200 ? resolve([of('bytes'), of('sha256')]) : reject(new Error(body)),
      );
    });
    Readable.from(pieces(megabytes, order), { objectMode: false }).pipe(sending);
  });
}

function hashOf(megabytes: number): string {
  const hash = createHash('sha256');
  for (let done = 0; done < megabytes; done += 1) hash.update(BLOCK);
  return hash.digest('hex');
}

/** The most memory that the gateway has had so far; without /proc, what it has now. Megabytes. */
function peak(): number {
  const status = `/proc/${gateway.pid}/status`;
  if (!existsSync(status)) return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(gateway.pid)])) / 1024;
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(status, 'latin1'))?.[1];
  return Number(kilobytes) / 1024;
}

test('a file of 200 MB arrives byte for byte both ways round, and memory does not follow it', async () => {
  const wanted = [String(200 * MEGABYTE), hashOf(200)];
  await upload(2, 'model first');
  await upload(2, 'file first');
  const before = peak();
  expect(await upload(200, 'model first')).toEqual(wanted);
  const streamed = peak();
  expect(await upload(200, 'file first')).toEqual(wanted);
  const spooled = peak();
  expect({ streamed: streamed - before < MOST_GROWTH, spooled: spooled - before < MOST_GROWTH }).toEqual({
    streamed: true,
    spooled: true,
  });
  // The temporary folder is empty, and what was in it had no name.
  const left = readdirSync(folder).filter((name) => name.startsWith('waymark-spool-'));
  expect(left.map((name) => readdirSync(join(folder, name)))).toEqual([[]]);
}, 60_000);
