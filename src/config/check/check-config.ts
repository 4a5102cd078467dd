import type { Problem } from '../../core/base/problem.ts';
import type { GatewayConfig } from '../contract.ts';
import { inReadingOrder } from '../findings.ts';
import { checkChoice } from './choice.ts';
import { checkFallbacks } from './fallbacks.ts';
import { checkFiltering } from './filtering.ts';
import { checkNames } from './names.ts';
import { checkReachability } from './reachability.ts';
import { checkRegexes } from './regexes.ts';
import { checkTagNames } from './tag-names.ts';
import { groupViews } from './view.ts';

/** Everything that a config alone shows, beyond what reading it reported. In the order of the file. */
export function checkConfig(config: GatewayConfig): readonly Problem[] {
  const groups = groupViews(config);
  const problems = [
    ...checkRegexes(config),
    ...checkReachability(config, groups),
    ...checkFiltering(config, groups),
    ...checkTagNames(config),
    ...checkFallbacks(config, groups),
    ...checkNames(config, groups),
    ...checkChoice(config, groups),
  ];
  return inReadingOrder(problems, config.files);
}
