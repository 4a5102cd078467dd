import { expect, test } from 'vitest';

import { recordedIo } from '../../../test/support/cli-io.ts';
import { withDotEnv } from './dot-env.ts';

const files = { '/home/someone/.env': '# keys\nA=of the file\nexport B="quoted"\n' };

test.each([
  ['a file fills in what is not set', {}, files, { A: 'of the file', B: 'quoted' }],
  ['the environment wins', { A: 'of the process' }, files, { A: 'of the process', B: 'quoted' }],
  ['not in production', { LITELLM_MODE: 'PRODUCTION' }, files, { LITELLM_MODE: 'PRODUCTION' }],
  ['no file', { A: 'x' }, {}, { A: 'x' }],
])('%s', (_, env, present, result) => {
  expect(withDotEnv(recordedIo({ env, files: present }).io).env).toEqual(result);
});
