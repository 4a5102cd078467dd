/** A base URL, taken apart. */
export interface ApiBase {
  readonly origin: string;
  /** Without a slash at the end; empty for the root. */
  readonly path: string;
  /** With its `?`; empty when there is none. */
  readonly query: string;
  /** As written, without query: what may be shown. */
  readonly shown: string;
}

export type ApiBaseResult =
  | { readonly ok: true; readonly base: ApiBase }
  | { readonly ok: false; readonly reason: string; readonly hint: string };

/** Takes a base URL apart. Refuses what cannot be sent to, and a user part: its password would stand in every place that shows a URL. */
export function parseApiBase(text: string): ApiBaseResult {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:\/\//i.test(text) || url.hostname === '') {
    const hint = 'Write it with its scheme: `https://host/v1`.';
    return { ok: false, reason: 'its api_base is not an http or https URL', hint };
  }
  if (url.username !== '' || url.password !== '') {
    const hint = 'Take the user part out, and send it as a header: `extra_headers: {authorization: os.environ/NAME}`.';
    return { ok: false, reason: 'its api_base holds a user or password', hint };
  }
  const shown = text.replace(/[?#].*$/s, '');
  return { ok: true, base: { origin: url.origin, path: url.pathname.replace(/\/+$/, ''), query: url.search, shown } };
}

/** True where `base` lies under one of `hosts`: `host`, or `host/path`. */
export function liesUnder(base: ApiBase, hosts: readonly string[]): boolean {
  const place = `${base.origin.replace(/^https?:\/\//, '')}${base.path}/`;
  return hosts.some((host) => place.startsWith(`${host}/`));
}
