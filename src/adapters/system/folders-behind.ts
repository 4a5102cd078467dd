import { readlinkSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';

/** Links that lead in a circle end here, as they do for the system. */
const LINKS_AT_MOST = 40;

/**
 * The folders whose entries decide what a path leads to: its own, that of every link on the way, and the one in which the
 * file lies in the end. What is not there leaves the way as far as it goes.
 */
export function foldersBehind(path: string): readonly string[] {
  const folders = new Set([dirname(resolve(path))]);
  let way = resolve(path);
  for (let links = 0; links < LINKS_AT_MOST; links += 1) {
    const next = followFirstLink(way);
    if (next === undefined) break;
    folders.add(next.folder);
    way = next.path;
  }
  folders.add(dirname(way));
  return [...folders];
}

/** Where the path leads once its first link is replaced by what it points to, and the folder that holds the link. */
function followFirstLink(path: string): { readonly path: string; readonly folder: string } | undefined {
  const names = path.split(sep);
  for (let depth = 1; depth <= names.length; depth += 1) {
    const place = names.slice(0, depth).join(sep);
    const target = linkAt(place);
    if (target === undefined) continue;
    const folder = dirname(place);
    return { folder, path: join(resolve(folder, target), ...names.slice(depth)) };
  }
  return undefined;
}

function linkAt(place: string): string | undefined {
  try {
    return place === '' ? undefined : readlinkSync(place);
  } catch {
    return undefined;
  }
}
