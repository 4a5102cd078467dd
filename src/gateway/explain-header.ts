import type { Explanation } from '../core/routing/decision.ts';
import type { Call } from './call.ts';
import { headerText } from './header-text.ts';

/** Characters of the header's value. */
const LONGEST = 4096;

/** True where the caller asked for `x-waymark-explain` and may see all of it. */
export function wantsExplanation(call: Call): boolean {
  return call.principal?.kind === 'master' && call.exchange.headers.get('x-waymark-explain')?.toLowerCase() === 'true';
}

/** The value of `x-waymark-explain`: printable ASCII, at most 4 KB. */
export function explainHeader(explanation: Explanation): string {
  return headerText(compact(explanation), LONGEST);
}

/** One line: `decision=send; tags=free:matches; eligible=a,b; order=b,a; dropped=c:no_match`. Lists are percent-encoded where they must be. */
export function compact(explanation: Explanation): string {
  const { decision, code, group, tags, deployments, failed_open: failedOpen } = explanation;
  const parts = [
    `decision=${decision}`,
    ...(code === null ? [] : [`code=${code}`]),
    `group=${part(group ?? '')}`,
    `tags=${tags.map((tag) => `${part(tag.tag)}:${tag.effect}`).join(',')}`,
    `eligible=${explanation.eligible.map(part).join(',')}`,
    `order=${explanation.order.map(part).join(',')}`,
    ...(failedOpen ? ['failed_open=true'] : []),
    `dropped=${deployments.flatMap((one) => (one.kept ? [] : [`${part(one.id)}:${one.reasons[0]?.code ?? ''}`])).join(',')}`,
  ];
  return parts.join('; ');
}

/** Commas, semicolons and the like in a name must not look like structure. */
function part(text: string): string {
  return text.replace(/[^A-Za-z0-9_.:/@!&*-]+/g, (odd) => encodeURIComponent(odd.toWellFormed()));
}
