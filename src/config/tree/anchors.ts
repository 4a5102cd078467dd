import { isAlias, isCollection, isNode, isPair } from 'yaml';
import type { Alias, Node } from 'yaml';

/**
 * What each alias of a document stands for: the last node before it with the anchor's name. One walk for all of them, since the
 * library's own look-up walks the document anew for each; without recursion, since documents may be nested without bound.
 */
export function aliasTargets(contents: Node | null): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  const waiting: unknown[] = [contents];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (isPair(next)) waiting.push(next.value, next.key);
    else if (isAlias(next)) {
      const target = anchors.get(next.source);
      if (target !== undefined) targets.set(next, target);
    } else if (isNode(next)) {
      const { anchor } = next as { anchor?: string };
      if (anchor !== undefined) anchors.set(anchor, next);
      // One at a time: a list may hold more items than a call may have arguments.
      if (isCollection(next)) for (const item of next.items.toReversed()) waiting.push(item);
    }
  }
  return targets;
}
