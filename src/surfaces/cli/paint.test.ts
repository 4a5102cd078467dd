import { expect, test } from 'vitest';

import { recordedIo } from '../../../test/support/cli-io.ts';
import { paintFor } from './paint.ts';

test.each([
  ['a terminal', true, {}, true],
  ['no terminal', false, {}, false],
  ['NO_COLOR', true, { NO_COLOR: '1' }, false],
  ['an empty NO_COLOR', true, { NO_COLOR: '' }, true],
  ['a dumb terminal', true, { TERM: 'dumb' }, false],
])('%s', (_, isTty, env, coloured) => {
  const { io } = recordedIo({ isTty, env });
  const paint = paintFor(io.stdout, io.env);
  expect(paint.enabled).toBe(coloured);
  expect(paint.good('yes')).toBe(coloured ? '\u001b[32myes\u001b[39m' : 'yes');
});
