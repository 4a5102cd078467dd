import type { StoredResponsePath } from '../endpoint.ts';

/**
 * The path of a stored response at its upstream: behind the path where responses are made, with the client's query and the
 * upstream's own (`api-version`), whose parameters win.
 */
export function storedPath(
  made: string,
  { part }: StoredResponsePath,
  asked: { readonly upstreamId: string; readonly query: string },
): string {
  const mark = made.indexOf('?');
  const path = mark < 0 ? made : made.slice(0, mark);
  const own = mark < 0 ? [] : parametersOf(made.slice(mark + 1));
  const names = new Set(own.map(nameOf));
  const query = [...own, ...parametersOf(asked.query).filter((each) => !names.has(nameOf(each)))].join('&');
  return `${path}/${encodeURIComponent(asked.upstreamId)}${part}${query === '' ? '' : `?${query}`}`;
}

function parametersOf(query: string): readonly string[] {
  return query.split('&').filter((each) => each !== '');
}

/** Decoded, since `%61pi-version` is the same parameter. */
function nameOf(parameter: string): string {
  return [...new URLSearchParams(parameter).keys()][0] ?? '';
}
