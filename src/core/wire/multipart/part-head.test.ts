import { describe, expect, test } from 'vitest';

import { FormProblem } from './form-problem.ts';
import { readPartHead, writePartHead } from './part-head.ts';

const FIELD = 'Content-Disposition: form-data; name="a"';

describe('what a part says of itself', () => {
  test.each([
    [FIELD, { name: 'a' }],
    ['content-disposition:form-data;name=a', { name: 'a' }],
    [
      'Content-Disposition: form-data; name="image[]"; filename="x.png"\r\nContent-Type: image/png',
      { name: 'image[]', filename: 'x.png', contentType: 'image/png' },
    ],
    ['Content-Disposition: form-data; name="f"; filename=""', { name: 'f', filename: '' }],
    ['Content-Disposition: form-data; name="f"; filename="a;b=\\"c\\".mp3"', { name: 'f', filename: 'a;b="c".mp3' }],
    ['Content-Disposition: form-data; name="f"; filename="C:\\dir\\a.mp3"', { name: 'f', filename: 'C:\\dir\\a.mp3' }],
    [
      'Content-Disposition: form-data; name=f; filename="plain"; filename*=UTF-8\'\'na%C3%AFve.mp3',
      { name: 'f', filename: 'na\u00c3\u00afve.mp3' },
    ],
    [`${FIELD}\r\nContent-Transfer-Encoding: Binary\r\nContent-Length: 3\r\nX-Own: yes`, { name: 'a' }],
    [`${FIELD}\r\nContent-Type:`, { name: 'a' }],
    ['Content-Disposition: form-data; name="metadata[tags][]"', { name: 'metadata[tags][]' }],
  ])('%s', (text, head) => {
    expect(readPartHead(text)).toEqual({ filename: undefined, contentType: undefined, ...head });
  });

  test.each([
    ['', 'malformed'],
    ['Content-Type: text/plain', 'no Content-Disposition'],
    ['Content-Disposition: form-data', 'no name'],
    ['Content-Disposition: attachment; name="a"', 'not one of form-data'],
    ['Content-Disposition: form-data; name="a', 'not one of form-data'],
    ['Content-Disposition: form-data name="a"', 'not one of form-data'],
    ['Content-Disposition: form-data; name="a"; name="b"', 'twice'],
    ["Content-Disposition: form-data; name=a; name*=UTF-8''model", 'twice'],
    [`${FIELD}\r\n${FIELD}`, 'two headers content-disposition'],
    [`${FIELD}\r\nContent-Type: text/plain\r\ncontent-type: text/html`, 'two headers content-type'],
    [`${FIELD}\r\nContent-Type: multipart/mixed; boundary=b`, 'multipart body itself'],
    [`${FIELD}\r\nContent-Transfer-Encoding: base64`, 'Content-Transfer-Encoding'],
    ['Content-Disposition: form-data;\r\n name="a"', 'malformed'],
    ['Content-Disposition : form-data; name="a"', 'malformed'],
    [`${FIELD}\nContent-Type: text/plain`, 'malformed'],
    [`${FIELD}\rX`, 'malformed'],
    ['Content-Disposition: form-data; name="a\0"', 'malformed'],
    ['Content-Disposition: form-data; name=""', 'odd characters'],
    ['Content-Disposition: form-data; name="mo del"', 'odd characters'],
    ['Content-Disposition: form-data; name="mod%65l"', 'odd characters'],
    ['Content-Disposition: form-data; name="model\\"x"', 'odd characters'],
    ['Content-Disposition: form-data; name="[model]"', 'odd characters'],
    [`Content-Disposition: form-data; name="${'a'.repeat(129)}"`, 'too long'],
    ["Content-Disposition: form-data; name=f; filename*=UTF-8''a%0d%0ab", 'filename cannot be read'],
    ["Content-Disposition: form-data; name=f; filename*=latin1''a", 'filename cannot be read'],
  ])('%j is refused', (text, reason) => {
    expect(() => readPartHead(text)).toThrow(FormProblem);
    expect(() => readPartHead(text)).toThrow(reason);
  });

  test('goes on in one way of writing, with nothing that ends a header or a quote', () => {
    const head = { name: 'file', filename: 'a"b\\c\u00c3\u00af.mp3', contentType: 'audio/mpeg' };
    const written = writePartHead(head);
    expect(written.toString('latin1')).toBe(
      'Content-Disposition: form-data; name="file"; filename="a%22b%5Cc\u00c3\u00af.mp3"\r\nContent-Type: audio/mpeg\r\n\r\n',
    );
    expect(readPartHead(written.toString('latin1').slice(0, -4))).toEqual({
      ...head,
      filename: 'a%22b%5Cc\u00c3\u00af.mp3',
    });
    expect(writePartHead({ name: 'a', filename: undefined, contentType: undefined }).toString()).toBe(
      'Content-Disposition: form-data; name="a"\r\n\r\n',
    );
  });
});
