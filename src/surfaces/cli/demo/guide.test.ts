import { expect, test } from 'vitest';

import { makePaint } from '../paint.ts';
import { demoCalls, renderGuide } from './guide.ts';

const simulator = (url: string): { url: string; close(): Promise<void> } => ({ url, close: async () => undefined });
const UPSTREAMS = new Map([
  ['free', simulator('http://127.0.0.1:5001')],
  ['paid', simulator('http://127.0.0.1:5002')],
  ['default', simulator('http://127.0.0.1:5003')],
]);

test('the guide says what to type and what will be seen', async () => {
  const url = 'http://localhost:4000';
  const calls = demoCalls(url, 'sk-of-the-golden-file', UPSTREAMS);
  const text = renderGuide({ url, masterKey: 'sk-of-the-golden-file', version: '1.2.3', calls }, makePaint(false));
  await expect(text).toMatchFileSnapshot('golden/guide.txt');
});
