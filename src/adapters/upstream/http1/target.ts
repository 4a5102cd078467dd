import type { RequestWay } from './request-bytes.ts';

/** Where a connection goes. */
export interface Place {
  /** Name or address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** TLS. */
  readonly secure: boolean;
}

/** An origin and the way to it. */
export interface Target {
  /** Where the connection goes: the origin, or a proxy that is asked for whole URLs. */
  readonly place: Place;
  /** The way leads through a proxy that does not see what passes. `head`: what asks it for that. */
  readonly tunnel: { readonly proxy: Place; readonly head: string } | undefined;
  readonly way: RequestWay;
  /** The last TLS session, so that the next handshake is shorter. */
  readonly sessions: { latest: Buffer | undefined };
}

/** The straight way to an origin such as `https://api.example`. Throws a TypeError where it is no URL. */
export function straightTo(origin: string): Target {
  const url = new URL(origin);
  return {
    place: placeOf(url),
    tunnel: undefined,
    way: { host: url.host, targetPrefix: '', extraLines: '' },
    sessions: { latest: undefined },
  };
}

/** The way to an origin through a proxy: whole URLs for http, a tunnel for https (RFC 9110, 9.3.6). */
export function through(proxyUrl: string, origin: string): Target {
  const url = new URL(origin);
  const proxy = new URL(proxyUrl);
  const credentials = credentialsOf(proxy);
  const straight = straightTo(origin);
  if (url.protocol === 'http:') {
    return {
      ...straight,
      place: placeOf(proxy),
      way: { host: url.host, targetPrefix: url.origin, extraLines: credentials },
    };
  }
  const { host, port } = straight.place;
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const head = `CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${credentials}\r\n`;
  return { ...straight, tunnel: { proxy: placeOf(proxy), head } };
}

function placeOf(url: URL): Place {
  const secure = url.protocol === 'https:';
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    secure,
  };
}

/** `proxy-authorization` as a line, of the user and password in a proxy's URL. */
function credentialsOf(proxy: URL): string {
  if (proxy.username === '' && proxy.password === '') return '';
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return `proxy-authorization: Basic ${Buffer.from(pair).toString('base64')}\r\n`;
}
