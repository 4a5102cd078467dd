import { expect, test } from 'vitest';
import { settle } from './options.ts';
import { planRequest } from './plan.ts';

const settings = settle({
  seed: 11,
  errors: new Map([
    [429, 0.2],
    [500, 0.1],
  ]),
  cutStreams: 0.25,
  answerTokens: { kind: 'uniform', low: 5, high: 50 },
});
const plans = Array.from({ length: 5000 }, (_, index) => planRequest(settings, index + 1));

test('shares come out as asked', () => {
  const share = (part: number): number => part / plans.length;
  expect(share(plans.filter((plan) => plan.errorStatus === 429).length)).toBeCloseTo(0.2, 1);
  expect(share(plans.filter((plan) => plan.errorStatus === 500).length)).toBeCloseTo(0.1, 1);
  expect(share(plans.filter((plan) => plan.cutAt !== undefined).length)).toBeCloseTo(0.25, 1);
  expect(new Set(plans.map((plan) => plan.answerTokens)).size).toBe(46);
});

test('a request number has one plan, whatever came before', () => {
  expect(planRequest(settings, 4321)).toEqual(plans[4320]);
  expect(planRequest({ ...settings, seed: 12 }, 4321)).not.toEqual(plans[4320]);
});

test('turning errors on does not change the lengths', () => {
  const calm = settle({ ...settings, errors: new Map(), cutStreams: 0 });
  expect(plans.map((plan) => plan.answerTokens)).toEqual(
    plans.map((_, index) => planRequest(calm, index + 1).answerTokens),
  );
});

test('an answer has at least one token', () => {
  expect(planRequest(settle({ answerTokens: { kind: 'fixed', value: 0 } }), 1).answerTokens).toBe(1);
});
