// What people type: curl -F, in the orders in which they type it.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startSimulator, type Simulator } from '../../src/surfaces/simulator/simulator.ts';
import { MASTER_KEY, startHarness, type Harness } from '../support/harness.ts';
import { runProgram } from '../support/program.ts';

let folder: string;
let simulator: Simulator;
let gateway: Harness;
const SMALL = randomBytes(3_000);
/** Large enough for curl to wait for 100 Continue. */
const LARGE = randomBytes(3_000_000);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'forms-curl-'));
  writeFileSync(join(folder, 'small.mp3'), SMALL);
  writeFileSync(join(folder, 'a "large" one.mp3'), LARGE);
  simulator = await startSimulator({ name: 'ears' });
  const to = (tags: readonly string[]): object => ({
    model: 'openai/whisper',
    api_key: 'none',
    api_base: `${simulator.url}/v1`,
    tags,
  });
  gateway = await startHarness({
    model_list: ['default', 'paid'].map((tag) => ({
      model_name: 'whisper-1',
      litellm_params: to([tag]),
      model_info: { id: tag },
    })),
    router_settings: { enable_tag_filtering: true },
  });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const SMALL_FILE = '-F file=@small.mp3';
const LARGE_FILE = `-F 'file=@"a \\"large\\" one.mp3";type=audio/mpeg'`;

test.each([
  [`${SMALL_FILE} -F model=whisper-1`, SMALL, 'default'],
  [`-F model=whisper-1 ${SMALL_FILE}`, SMALL, 'default'],
  [`${LARGE_FILE} -F model=whisper-1`, LARGE, 'default'],
  [`-F model=whisper-1 ${LARGE_FILE}`, LARGE, 'default'],
  [`${LARGE_FILE} -F model=whisper-1 -F tags=paid`, LARGE, 'paid'],
  [`-F model=whisper-1 -F 'metadata={"tags":["paid"]}' ${LARGE_FILE}`, LARGE, 'paid'],
  [`-F model=whisper-1 -H 'x-litellm-tags: paid' -H 'Transfer-Encoding: chunked' ${LARGE_FILE}`, LARGE, 'paid'],
])('curl %s', async (flags, bytes, served) => {
  const url = `${gateway.url}/v1/audio/transcriptions`;
  const { status, output } = await runProgram(`curl -sS -i ${url} -H 'Authorization: Bearer ${MASTER_KEY}' ${flags}`, {
    cwd: folder,
  });
  expect(status).toBe(0);
  const last = output.slice(output.lastIndexOf('HTTP/1.1 '));
  expect(last).toMatch(/^HTTP\/1\.1 200 /);
  expect(last).toContain(`x-litellm-model-id: ${served}\r\n`);
  expect(last).toContain(
    `llm_provider-x-simulated-file-sha256: ${createHash('sha256').update(bytes).digest('hex')}\r\n`,
  );
  expect(last).toContain('"text":"Hello from ears.');
});
