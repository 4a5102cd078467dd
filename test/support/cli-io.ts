import type { CliActions, ServeRequest, ServingGateway, SimulatorRequest } from '../../src/surfaces/cli/actions.ts';
import type { CliIo, TextSink } from '../../src/surfaces/cli/io.ts';

export interface RecordedIo {
  readonly io: CliIo;
  readonly out: () => string;
  readonly err: () => string;
}

export interface FakeWorld {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Texts by absolute path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly isTty?: boolean;
}

/** The outside world of a command, recorded. It stands in `/home/someone`. */
export function recordedIo({ env = {}, files = {}, isTty = false }: FakeWorld = {}): RecordedIo {
  const texts = new Map(Object.entries(files));
  const stdout: string[] = [];
  const stderr: string[] = [];
  const sink = (into: string[]): TextSink => ({ write: (text) => void into.push(text), isTty, columns: undefined });
  const io: CliIo = {
    stdout: sink(stdout),
    stderr: sink(stderr),
    env,
    cwd: '/home/someone',
    readText(path) {
      const text = texts.get(path);
      if (text === undefined) throw new Error('no such file');
      return text;
    },
  };
  return { io, out: () => stdout.join(''), err: () => stderr.join('') };
}

/** Actions that record what they were asked for. Every gateway and simulator stops as soon as it is waited for. */
export interface RecordedActions {
  readonly actions: CliActions;
  readonly served: ServeRequest[];
  readonly simulated: SimulatorRequest[];
  readonly log: string[];
}

export function recordedActions(
  options: { readonly failWith?: Error; readonly signals?: readonly string[] } = {},
): RecordedActions {
  const served: ServeRequest[] = [];
  const simulated: SimulatorRequest[] = [];
  const log: string[] = [];
  const { failWith, signals = ['SIGTERM'] } = options;
  const actions: CliActions = {
    async startGateway(request): Promise<ServingGateway> {
      if (failWith !== undefined) throw failWith;
      served.push(request);
      const close = async (drainSeconds: number): Promise<void> =>
        void log.push(`gateway closed, drain ${drainSeconds}`);
      return { port: request.port === 0 ? 45_000 : request.port, problems: [], close };
    },
    async startSimulator(request) {
      if (failWith !== undefined) throw failWith;
      simulated.push(request);
      const url = `http://127.0.0.1:${request.port === 0 ? 46_000 + simulated.length : request.port}`;
      return { url, close: async () => void log.push(`simulator ${request.name} closed`) };
    },
    async openImport() {
      throw failWith ?? new Error('These actions open no database.');
    },
    async askGateway() {
      throw failWith ?? new Error('These actions reach no gateway.');
    },
    async migrate() {
      throw failWith ?? new Error('These actions open no database.');
    },
    self: undefined,
    async workers() {
      throw failWith ?? new Error('These actions start no workers.');
    },
    onHangUp: () => () => undefined,
    onStopSignal(listener) {
      queueMicrotask(() => signals.forEach((signal) => listener(signal)));
      return () => void log.push('signals released');
    },
    exitNow: (status) => void log.push(`exit now ${status}`),
  };
  return { actions, served, simulated, log };
}
