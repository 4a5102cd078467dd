import { describe, expect, it } from 'vitest';
import { allBits } from '../base/bits.ts';
import { seededRandom } from '../base/random.ts';
import { choiceFields, orderOf, pick, prepareChoice } from './choice.ts';
import { ALL_AVAILABLE, type HealthView } from './health.ts';
import type { RoutingDeployment } from './settings.ts';

type Weights = Partial<Pick<RoutingDeployment, 'weight' | 'rpm' | 'tpm' | 'order'>>;

function deploymentsOf(list: readonly Weights[]): RoutingDeployment[] {
  return list.map((weights, index) => ({
    id: `d${index}`,
    tags: [],
    tagRegex: [],
    private: false,
    allowFailOpen: false,
    ...weights,
  }));
}

/** Share of each deployment over many seeded draws. */
function shares(list: readonly Weights[], view: HealthView = ALL_AVAILABLE): number[] {
  const deployments = deploymentsOf(list);
  const choice = prepareChoice(allBits(list.length), choiceFields(deployments));
  const random = seededRandom(1);
  const counts = list.map(() => 0);
  const draws = 20_000;
  for (let draw = 0; draw < draws; draw += 1) {
    const index = pick(choice, { deployments, view, random });
    if (index >= 0) counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts.map((count) => count / draws);
}

function cooling(...ids: string[]): HealthView {
  const cooled = new Set(ids);
  return {
    allAvailable: false,
    unavailability: (id) => (cooled.has(id) ? { reason: 'cooling' } : undefined),
  };
}

describe('pick', () => {
  it.each<[string, Weights[], number[]]>([
    ['evenly without weights', [{}, {}, {}, {}], [0.25, 0.25, 0.25, 0.25]],
    ['by weight', [{ weight: 3 }, { weight: 1 }], [0.75, 0.25]],
    ['an unset weight counts 1', [{ weight: 3 }, {}], [0.75, 0.25]],
    [
      'weight before rpm',
      [
        { weight: 1, rpm: 900 },
        { weight: 1, rpm: 1 },
      ],
      [0.5, 0.5],
    ],
    ['by rpm, unset counting as the smallest set', [{ rpm: 60 }, { rpm: 20 }, {}], [0.6, 0.2, 0.2]],
    [
      'rpm before tpm',
      [
        { rpm: 10, tpm: 1 },
        { rpm: 30, tpm: 1 },
      ],
      [0.25, 0.75],
    ],
    ['by tpm', [{ tpm: 1 }, { tpm: 4 }], [0.2, 0.8]],
    ['a weight of 0 gets nothing', [{ weight: 0 }, { weight: 2 }], [0, 1]],
    ['weights that are all 0 count as none', [{ weight: 0 }, { weight: 0 }], [0.5, 0.5]],
    ['the lowest order only', [{ order: 2 }, { order: 1 }, {}], [0, 1, 0]],
  ])('%s', (_, list, wanted) => {
    shares(list).forEach((share, index) => expect(share).toBeCloseTo(wanted[index] ?? 0, 1));
  });

  it('goes to the next order level when the lowest cannot serve', () => {
    expect(
      shares([{ order: 1 }, { order: 2 }, { order: 2 }], cooling('d0')).map((each) => Math.round(each * 2)),
    ).toEqual([0, 1, 1]);
  });

  it('finds the one that can serve among many that cannot', () => {
    const list = Array.from({ length: 100 }, () => ({}));
    const others = list.map((_, index) => `d${index}`).filter((id) => id !== 'd71');
    expect(shares(list, cooling(...others))[71]).toBe(1);
  });

  it('answers -1 when none can serve', () => {
    const deployments = deploymentsOf([{}, {}]);
    const choice = prepareChoice(allBits(2), choiceFields(deployments));
    expect(pick(choice, { deployments, view: cooling('d0', 'd1'), random: seededRandom(1) })).toBe(-1);
  });
});

describe('orderOf', () => {
  it('begins with what pick draws from the same random numbers, and holds every available one once', () => {
    const deployments = deploymentsOf([{ weight: 5 }, {}, { weight: 2 }, { order: 1 }, {}]);
    const choice = prepareChoice(allBits(5), choiceFields(deployments));
    for (let seed = 0; seed < 200; seed += 1) {
      const view = cooling('d1');
      const order = orderOf(choice, { deployments, view, random: seededRandom(seed) });
      expect(order[0]).toBe(pick(choice, { deployments, view, random: seededRandom(seed) }));
      expect(order.toSorted((a, b) => a - b)).toEqual([0, 2, 3, 4]);
      expect(order[0]).toBe(3);
    }
  });
});
