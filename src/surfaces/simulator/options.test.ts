import { expect, test } from 'vitest';
import { parseErrorShares, settle, type SimulatorOptions } from './options.ts';

test('reads shares of errors', () => {
  expect([...parseErrorShares('429:0.1, 500:0.05')]).toEqual([
    [429, 0.1],
    [500, 0.05],
  ]);
});

test.each(['', '429', '429:', 'x:0.1', '4290:0.1', '429:lots', '429:0.1,'])('refuses the shares "%s"', (text) => {
  expect(() => parseErrorShares(text)).toThrow('Write status:share, several with commas: 429:0.1,500:0.05.');
});

const bad: [name: string, options: SimulatorOptions, message: RegExp][] = [
  [
    'shares over one',
    {
      errors: new Map([
        [429, 0.6],
        [500, 0.5],
      ]),
    },
    /add up to 1\.1/,
  ],
  ['a status that is no error', { errors: new Map([[200, 0.5]]) }, /200 is not a status from 400 to 599/],
  ['a negative share', { errors: new Map([[429, -0.1]]) }, /429 must not be negative/],
  ['a name that would break a header', { name: 'a\r\nb' }, /^name must be/],
  ['cutStreams', { cutStreams: 1.5 }, /^cutStreams must be from 0 to 1/],
  ['tokensPerSecond', { tokensPerSecond: Number.NaN }, /^tokensPerSecond/],
  ['readBytesPerSecond', { readBytesPerSecond: -1 }, /^readBytesPerSecond/],
];
test.each(bad)('refuses %s', (_name, options, message) => {
  expect(() => settle(options)).toThrow(message);
});

test('lists its own name as a model unless told otherwise', () => {
  expect(settle({ name: 'free' }).models).toEqual(['free']);
  expect(settle({ name: 'free', models: ['a'] }).models).toEqual(['a']);
});
