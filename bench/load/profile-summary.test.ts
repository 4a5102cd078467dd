import { expect, test } from 'vitest';
import { hotSpots, type CpuProfile } from './profile-summary.ts';

function node(id: number, functionName: string, url: string): CpuProfile['nodes'][number] {
  return { id, callFrame: { functionName, url, lineNumber: 9 } };
}

test('sums up the time in each function, idle time aside', () => {
  const profile: CpuProfile = {
    nodes: [
      node(1, 'a', 'file:///x/src/one.ts'),
      node(2, '(idle)', ''),
      node(3, '', 'node:net'),
      node(4, 'a', 'file:///x/src/one.ts'),
    ],
    samples: [1, 2, 3, 4, 9],
    timeDeltas: [30, 1000, 25, 45, 7],
  };
  expect(hotSpots(profile)).toEqual([
    { name: 'a src/one.ts:10', share: 0.75 },
    { name: '(anonymous) node:net:10', share: 0.25 },
  ]);
});
