import { expect, test } from 'vitest';

import { normaliseFlags } from './argv.ts';

test.each([
  ['--detailed_debug', '--detailed-debug'],
  ['--run_gunicorn=a_b', '--run-gunicorn=a_b'],
  ['--num-workers', '--num-workers'],
  ['a_b', 'a_b'],
  ['-a_b', '-a_b'],
])('%s means %s', (given, meant) => {
  expect(normaliseFlags([given])).toEqual([meant]);
});

test('what follows -- stays as it is', () => {
  expect(normaliseFlags(['--a_b', '--', '--c_d'])).toEqual(['--a-b', '--', '--c_d']);
});
