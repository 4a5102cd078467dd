import { readProxySettings, type ProxySettings } from '../proxy-settings.ts';
import { straightTo, through, type Target } from './target.ts';

/** One entry of `NO_PROXY`. */
interface Exception {
  /** Empty: every host. */
  readonly host: string;
  /** Undefined: every port. */
  readonly port: number | undefined;
  /** `*.example.com` leaves `example.com` itself out. */
  readonly hostItself: boolean;
}

/** Decides which way leads to an origin, as the environment's proxies say. */
export class ProxyRules {
  readonly #settings: ProxySettings | undefined;
  readonly #exceptions: readonly Exception[];

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#settings = readProxySettings(env);
    const entries = (this.#settings?.noProxy ?? '').split(/[,\s]+/).filter((entry) => entry !== '');
    this.#exceptions = entries.map(exceptionOf);
  }

  /** Throws a TypeError where the origin or the proxy is no URL. */
  targetFor(origin: string): Target {
    const straight = straightTo(origin);
    const { host, port, secure } = straight.place;
    const { httpProxy, httpsProxy } = this.#settings ?? {};
    // One proxy for http serves https as well, through a tunnel.
    const proxy = secure ? (httpsProxy ?? httpProxy) : httpProxy;
    if (proxy === undefined || this.#exceptions.some((one) => excepts(one, plain(host), port))) return straight;
    return through(proxy, origin);
  }
}

function excepts(exception: Exception, host: string, port: number): boolean {
  if (exception.port !== undefined && exception.port !== port) return false;
  if (exception.host === '') return true;
  return (exception.hostItself && host === exception.host) || host.endsWith(`.${exception.host}`);
}

/** `example.com`, `.example.com`, `*.example.com`, `example.com:8443`, `[::1]:80`, `::1`, `*`. */
function exceptionOf(entry: string): Exception {
  // An address of IPv6 has several colons; with a port it stands in brackets.
  const [, name = '', port] = /^(\[.+\]|[^:]+):(\d+)$/.exec(entry) ?? [undefined, entry, undefined];
  const host = plain(name.replace(/^\[|\]$/g, ''));
  return {
    host: host === '*' ? '' : host.replace(/^\*?\./, ''),
    port: port === undefined ? undefined : Number(port),
    hostItself: !host.startsWith('*'),
  };
}

/** Lower case, and without the dot that only says that a name is whole. */
function plain(host: string): string {
  return host.toLowerCase().replace(/(.)\.$/, '$1');
}
