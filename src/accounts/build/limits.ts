import type { z } from 'zod';
import type { Limits } from '../contract.ts';
import type { LIMIT_FIELDS } from '../fields/limit-fields.ts';
import { nanoOf } from '../fields/values.ts';
import { next } from './build.ts';

export type LimitFields = z.output<z.ZodObject<typeof LIMIT_FIELDS>>;

export const NO_LIMITS: Limits = {
  maxBudgetNano: null,
  softBudgetNano: null,
  budgetDuration: null,
  tpmLimit: null,
  rpmLimit: null,
  maxParallelRequests: null,
};

export function limitsFrom(given: LimitFields, was: Limits): Limits {
  return {
    maxBudgetNano: next(money(given.max_budget), was.maxBudgetNano, null),
    softBudgetNano: next(money(given.soft_budget), was.softBudgetNano, null),
    budgetDuration: next(given.budget_duration, was.budgetDuration, null),
    tpmLimit: next(given.tpm_limit, was.tpmLimit, null),
    rpmLimit: next(given.rpm_limit, was.rpmLimit, null),
    maxParallelRequests: next(given.max_parallel_requests, was.maxParallelRequests, null),
  };
}

function money(usd: number | null | undefined): number | null | undefined {
  return typeof usd === 'number' ? nanoOf(usd) : usd;
}
