import { stored, unenforced } from './field.ts';
import { anyList, anyObject, count, span, usd } from './values.ts';

/** Budgets and limits of a key, team, project, user or tag. Kept in its record. */
export const LIMIT_FIELDS = {
  max_budget: unenforced(usd, 'Most that may be spent, in US dollars. Null: no limit.'),
  soft_budget: unenforced(usd, 'Spending that is worth a warning, in US dollars.'),
  budget_duration: unenforced(span, 'After which time the budget begins again: `24h`, `30d`, `1mo`.'),
  tpm_limit: unenforced(count, 'Most tokens a minute.'),
  rpm_limit: unenforced(count, 'Most requests a minute.'),
  max_parallel_requests: unenforced(count, 'Most requests at the same time.'),
};

/** Finer limits of LiteLLM's. */
export const FINER_LIMIT_FIELDS = {
  budget_limits: stored(anyList, 'Several budgets with a duration each.'),
  model_max_budget: stored(anyObject, 'Budgets by model.'),
  model_tpm_limit: stored(anyObject, 'Tokens a minute by model.'),
  model_rpm_limit: stored(anyObject, 'Requests a minute by model.'),
};
