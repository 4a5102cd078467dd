import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'vitest';

import { runProgram, startProgram, type RunningProgram } from './program.ts';
import { startStandInInternet, type StandInInternet } from './stand-in-internet.ts';

// LiteLLM's page on tag based routing, word for word: its configs, its command lines, the headers it says to expect.
// Only what lies beneath is replaced: the upstream hosts by a stand-in internet behind HTTPS_PROXY, and port 4000 (which
// may be taken on a machine that runs tests) by a free one, to which a .curlrc leads curl.

export const FREE_HOST = 'exampleopenaiendpoint-production.up.railway.app';
export const PAID_HOST = 'api.openai.com';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'mission');

/** A config, a command line or an answer of the page. */
export function fixture(name: string): string {
  return readFileSync(join(FIXTURES, name), 'utf8');
}

export interface CurlAnswer {
  /** `HTTP/1.1 200 OK`; empty where the command does not print the head. */
  readonly status: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface SentRequest {
  readonly host: string;
  readonly path: string;
  readonly key: string | undefined;
  readonly body: Record<string, unknown>;
}

/** A home folder, an internet and a gateway in which the page's commands run as they stand. */
export class MissionStage {
  readonly home: string;
  readonly internet: StandInInternet;

  private constructor(home: string, internet: StandInInternet) {
    this.home = home;
    this.internet = internet;
  }

  static async open(): Promise<MissionStage> {
    const home = mkdtempSync(join(tmpdir(), 'mission-'));
    const internet = await startStandInInternet(
      new Map([
        [FREE_HOST, fixture('answer-free.json')],
        [PAID_HOST, fixture('answer-paid.json')],
      ]),
    );
    return new MissionStage(home, internet);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.internet[Symbol.asyncDispose]();
    rmSync(this.home, { recursive: true, force: true });
  }

  /** `litellm --config /path/to/config.yaml`, as the page starts it. */
  async startLitellm(configName: string, more: Readonly<Record<string, string>> = {}): Promise<RunningProgram> {
    const config = join(this.home, configName);
    writeFileSync(config, fixture(configName));
    const env = { ...this.internet.env, OPENAI_API_KEY: 'sk-of-openai', PORT: '0', ...more };
    const program = startProgram(`litellm --config ${config}`, { cwd: this.home, env });
    const [, port = ''] = await program.said(/running on http:\/\/127\.0\.0\.1:(\d+)/);
    const redirects = ['localhost', '0.0.0.0'].map((host) => `connect-to = "${host}:4000:127.0.0.1:${port}"\n`);
    writeFileSync(join(this.home, '.curlrc'), `silent\nshow-error\n${redirects.join('')}`);
    return program;
  }

  /** Runs a command of the page as it stands there. */
  async runCurl(script: string, more = ''): Promise<CurlAnswer> {
    return this.curl(fixture(script).trimEnd() + more);
  }

  async curl(command: string): Promise<CurlAnswer> {
    this.internet.forget();
    const { status, output } = await runProgram(command, { env: { CURL_HOME: this.home } });
    expect(status, output).toBe(0);
    return readAnswer(output);
  }

  /** The one request that has gone out since the last command. */
  onlyRequest(): SentRequest {
    const { requests } = this.internet;
    expect(requests).toHaveLength(1);
    const [request] = requests;
    if (request === undefined) throw new Error('Nothing was sent.');
    const body = JSON.parse(request.body) as Record<string, unknown>;
    return { host: request.host, path: request.path, key: request.headers.get('authorization'), body };
  }
}

function readAnswer(output: string): CurlAnswer {
  const end = output.indexOf('\r\n\r\n');
  if (!output.startsWith('HTTP/')) return { status: '', headers: new Map(), body: output };
  const [status = '', ...lines] = output.slice(0, end).split('\r\n');
  const headers = lines.map(
    (line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()] as const,
  );
  return { status, headers: new Map(headers), body: output.slice(end + 4) };
}
