/** Characters that end a header, or that latin1 would turn into such: U+010A becomes LF. */
const NOT_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
const NOT_IN_NAME = /[^!#$%&'*+\-.^_`|~0-9A-Za-z]/;

/** The words behind a status (RFC 9110, 15). Nothing reads them, but people. */
const REASONS: ReadonlyMap<number, string> = new Map([
  [200, 'OK'],
  [201, 'Created'],
  [202, 'Accepted'],
  [204, 'No Content'],
  [301, 'Moved Permanently'],
  [302, 'Found'],
  [303, 'See Other'],
  [304, 'Not Modified'],
  [307, 'Temporary Redirect'],
  [308, 'Permanent Redirect'],
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [402, 'Payment Required'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [406, 'Not Acceptable'],
  [408, 'Request Timeout'],
  [409, 'Conflict'],
  [410, 'Gone'],
  [411, 'Length Required'],
  [412, 'Precondition Failed'],
  [413, 'Content Too Large'],
  [415, 'Unsupported Media Type'],
  [417, 'Expectation Failed'],
  [422, 'Unprocessable Content'],
  [424, 'Failed Dependency'],
  [425, 'Too Early'],
  [428, 'Precondition Required'],
  [429, 'Too Many Requests'],
  [431, 'Request Header Fields Too Large'],
  [499, 'Client Closed Request'],
  [500, 'Internal Server Error'],
  [501, 'Not Implemented'],
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
  [504, 'Gateway Timeout'],
  [529, 'Overloaded'],
]);

/**
 * Status line and header lines of an answer, each with its CRLF; the caller adds those of framing and the empty one. Throws where
 * a header cannot be written: a line break in a value would be a header of its own, or a second answer.
 */
export function answerLines(status: number, headers: readonly string[]): string {
  let lines = `HTTP/1.1 ${status} ${REASONS.get(status) ?? 'Unknown'}\r\n`;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const value = headers[index + 1] ?? '';
    if (name === '' || NOT_IN_NAME.test(name)) throw new Error('a header has a name that cannot be sent');
    if (NOT_IN_VALUE.test(value)) throw new Error(`the header ${name} has a character that cannot be sent`);
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}
