import { describe, expect, test } from 'vitest';

import { FormProblem } from './form-problem.ts';
import { readFormBoundary } from './form-type.ts';

describe('the boundary of a content type', () => {
  test.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['Multipart/Form-Data;BOUNDARY=abc', 'abc'],
    ['multipart/form-data; charset=utf-8; boundary="a b:c"', 'a b:c'],
    ['multipart/form-data ; boundary=----WebKitFormBoundaryx1;', '----WebKitFormBoundaryx1'],
    [`multipart/form-data; boundary=${'-'.repeat(70)}`, '-'.repeat(70)],
    ['application/json', undefined],
    ['multipart/mixed; boundary=abc', undefined],
    ['multipart/form-data-x; boundary=abc', undefined],
    ['application/x-www-form-urlencoded', undefined],
    ['', undefined],
  ])('%s', (contentType, boundary) => {
    expect(readFormBoundary(contentType)).toBe(boundary);
  });

  test.each([
    'multipart/form-data',
    'multipart/form-data; charset=utf-8',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=""',
    'multipart/form-data; boundary=a; boundary=b',
    'multipart/form-data; boundary=a b',
    'multipart/form-data; boundary="a "',
    'multipart/form-data; boundary="a\\"b"',
    'multipart/form-data; boundary="a\r\nb"',
    'multipart/form-data; boundary=a\u00e9',
    'multipart/form-data, multipart/form-data; boundary=abc'.replace(',', ';'),
    `multipart/form-data; boundary=${'-'.repeat(71)}`,
    `multipart/form-data; boundary=${'-'.repeat(10_000)}`,
  ])('%s is refused', (contentType) => {
    expect(() => readFormBoundary(contentType)).toThrow(FormProblem);
  });
});
