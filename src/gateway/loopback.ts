import { GatewayError } from '../core/errors/gateway-error.ts';
import type { HeaderView } from './exchange.ts';

const NAMES: ReadonlySet<string> = new Set(['localhost', '[::1]', '0.0.0.0']);
const IPV4_LOOPBACK = /^127(?:\.\d{1,3}){3}$/;

/**
 * Without a strong master key only programs of this machine are answered: the Host must be a loopback name, so that a page
 * whose domain was pointed at 127.0.0.1 is refused, and a browser's Origin must be one too. `0.0.0.0` is an address and no
 * name that anybody can point elsewhere, and it is what people type.
 */
export function loopbackProblem(headers: HeaderView): GatewayError | undefined {
  const host = headers.get('host');
  if (host === undefined || !isLoopbackHost(host)) return refused('the Host header does not name this machine');
  const origin = headers.get('origin');
  if (origin === undefined) return undefined;
  const scheme = /^https?:\/\//.exec(origin)?.[0];
  if (scheme !== undefined && isLoopbackHost(origin.slice(scheme.length))) return undefined;
  return refused('the request comes from a web page of another origin');
}

/** True for `localhost`, 127.0.0.0/8, `[::1]` and `0.0.0.0`, with or without a port. */
export function isLoopbackHost(host: string): boolean {
  const name = host.replace(/:\d{1,5}$/, '').toLowerCase();
  return NAMES.has(name) || IPV4_LOOPBACK.test(name);
}

function refused(why: string): GatewayError {
  return new GatewayError('loopback_only', {
    message: `This gateway runs without a strong master key and answers only programs of its own machine: ${why}. Call it as localhost, or set a master key of at least 16 characters.`,
  });
}
