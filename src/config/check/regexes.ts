import { RE2JS } from 're2js';
import type { Problem } from '../../core/base/problem.ts';
import type { DeploymentConfig, GatewayConfig } from '../contract.ts';
import { problemOf } from '../findings.ts';
import { placeKey } from '../places.ts';
import { placeOr } from './view.ts';

/** Patterns that RE2 refuses: with them the gateway does not start, as LiteLLM does not with a broken pattern. */
export function checkRegexes(config: GatewayConfig): readonly Problem[] {
  return config.deployments.flatMap((deployment) =>
    deployment.tagRegex.flatMap((pattern, index) => checkRegex(config, deployment, { pattern, index })),
  );
}

function checkRegex(
  config: GatewayConfig,
  deployment: DeploymentConfig,
  { pattern, index }: { readonly pattern: string; readonly index: number },
): readonly Problem[] {
  const reason = refusal(pattern);
  if (reason === undefined) return [];
  const costly = /repeat|too large|too complex/i.test(reason);
  const message = `RE2 refuses the tag_regex ${JSON.stringify(pattern)} of a deployment of group "${deployment.group}": ${reason}.`;
  const hint = costly
    ? 'Write smaller repetition counts: at most 1,000, nested ones multiplied.'
    : 'Write it in RE2 syntax: no lookahead, no lookbehind, no back-reference, balanced brackets.';
  const place = placeOr(config, placeKey('deployment.tag_regex', deployment.id, index), deployment.at);
  return [problemOf(costly ? 'costly-regex' : 'bad-regex', { message, hint, ...place })];
}

function refusal(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    const text = error instanceof Error ? error.message : 'it is not a pattern';
    return text.replace(/^error parsing regexp: /, '').replaceAll('`', '"');
  }
}
