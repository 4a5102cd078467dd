/** A room of src/ and the floor it lies on (DESIGN: rooms and floors; ARCHITECTURE.md has the same table for people). */
export interface Room {
  readonly name: string;
  readonly floor: number;
}

const CORE_ROOMS = new Map([
  ['base', 0],
  ['errors', 0],
  ['routing', 1],
  ['wire', 1],
  ['limits', 1],
  ['pricing', 1],
]);
const SINGLE_ROOMS = new Map([
  ['config', 2],
  ['accounts', 2],
  ['ledger', 2],
  ['providers', 2],
  ['gateway', 3],
]);
const ROOF = new Set(['compose.ts', 'compose', 'main.ts']);

/** The room of a file; undefined for a file of src/ that lies in none. `file`: path in the checkout, with `/`. */
export function roomOf(file: string): Room | undefined {
  const [top, first = '', second] = file.split('/');
  if (top !== 'src') return undefined;
  if (ROOF.has(first)) return { name: 'compose', floor: 6 };
  const single = SINGLE_ROOMS.get(first);
  if (single !== undefined) return { name: first, floor: single };
  if (second === undefined) return undefined;
  if (first === 'core') {
    const floor = CORE_ROOMS.get(second);
    return floor === undefined ? undefined : { name: `core/${second}`, floor };
  }
  if (first === 'adapters') return { name: `adapters/${second}`, floor: 4 };
  if (first === 'surfaces') return { name: `surfaces/${second}`, floor: 5 };
  return undefined;
}

/** What stands above a floor's own, as advice for whoever wanted more. */
const ADVICE: readonly string[] = [
  'Floor 0 imports nothing outside its own room. Pass what you need as an argument.',
  'Floor 1 is pure: only core/base, core/errors, re2js and node:buffer. Time, randomness and I/O arrive as arguments.',
  'Floor 2 imports core only. Declare a port here and let compose.ts join the rooms.',
  'The gateway knows ports, never their implementations: take the port as an argument.',
  'An adapter implements a port of floors 0-2 and knows nothing above it, nor another adapter. Join them in compose.ts.',
  'A surface gets its adapters from compose.ts, as ports, and knows no other surface. Move what both need to a lower floor.',
  'The program never imports tests, scripts or benches.',
];

/** The highest floor whose rooms may be imported from each floor, beside a file's own room. */
const REACH: readonly number[] = [-1, 0, 1, 2, 2, 3, 6];

/** Undefined when `from` may import `to`; else what to do instead. */
export function forbiddenImport(from: Room, to: Room | undefined): string | undefined {
  const advice = ADVICE[from.floor] ?? '';
  if (to === undefined) return ADVICE[6];
  if (to.name === from.name || to.floor <= (REACH[from.floor] ?? -1)) return undefined;
  return advice;
}

/** `node:buffer` is where the global Buffer comes from: functions on bytes, without I/O (decision 0008). */
const PURE_PACKAGES = new Set(['re2js', 'node:buffer']);
const TRANSPORTS =
  /^(?:undici|fastify|ioredis|pg|kysely)(?:\/|$)|^node:(?:http2?|https|net|tls|dgram|dns|fs|child_process|worker_threads|cluster|sqlite)(?:\/|$)/;

/** Undefined when a room may import the package or Node module `name`; else what to do instead. */
export function forbiddenPackage(from: Room, name: string): string | undefined {
  if (from.floor === 0) return ADVICE[0];
  if (from.floor === 1) return PURE_PACKAGES.has(name) ? undefined : ADVICE[1];
  const isTransport = TRANSPORTS.test(name);
  if (from.floor === 2 && isTransport)
    return 'No network, files or databases on floor 2: declare a port and implement it under adapters/.';
  if (from.floor === 3 && isTransport) return 'The steps see an Exchange and the Upstream port, never a transport.';
  if (from.floor === 5 && /^undici(?:\/|$)/.test(name))
    return 'Surfaces do not call out: take the Upstream port as an argument.';
  return undefined;
}
