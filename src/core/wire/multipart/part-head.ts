import { FormProblem } from './form-problem.ts';
import { readParameters } from './parameters.ts';

/** What is known of one part of a form. Texts are latin1, one character a byte, as received. */
export interface PartHead {
  readonly name: string;
  /** Undefined: a text field, not a file. */
  readonly filename: string | undefined;
  readonly contentType: string | undefined;
}

/** Names of fields as APIs have them: `file`, `image[]`, `metadata[tags][]`. Anything else could be read in two ways. */
const FIELD_NAME = /^[0-9A-Za-z_.-]+(?:\[[0-9A-Za-z_.-]*\])*$/;
const LONGEST_NAME = 128;
const HEADER_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):(.*)$/;
// oxlint-disable-next-line no-control-regex -- control characters are what this is about
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;
const PLAIN_ENCODINGS: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary']);

/**
 * Reads the headers of a part (RFC 7578, 4): `text` is their lines as latin1, without the empty one. Throws a FormProblem for
 * what two programs could read differently, for a form within a form, and for contents that would have to be decoded first.
 */
export function readPartHead(text: string): PartHead {
  let disposition: string | undefined;
  let contentType: string | undefined;
  for (const line of text.split('\r\n')) {
    const [, header, rest = ''] = HEADER_LINE.exec(line) ?? [];
    if (header === undefined || CONTROL.test(line)) throw new FormProblem('a header of a part is malformed');
    const value = rest.trim();
    const name = header.toLowerCase();
    if (name === 'content-disposition') disposition = once(name, { before: disposition, value });
    else if (name === 'content-type') contentType = once(name, { before: contentType, value });
    else if (name === 'content-transfer-encoding') requirePlain(value);
  }
  if (disposition === undefined) throw new FormProblem('a part has no Content-Disposition');
  const { name, filename } = readDisposition(disposition);
  if (contentType !== undefined && /^multipart\//i.test(contentType))
    throw new FormProblem('a part is a multipart body itself', name);
  return { name, filename, contentType: contentType === '' ? undefined : contentType };
}

/** The head of a part as it goes on, the empty line included: the same in whatever way it was written. */
export function writePartHead({ name, filename, contentType }: PartHead): Buffer {
  const file = filename === undefined ? '' : `; filename="${escapeFilename(filename)}"`;
  const type = contentType === undefined ? '' : `Content-Type: ${contentType}\r\n`;
  return Buffer.from(`Content-Disposition: form-data; name="${name}"${file}\r\n${type}\r\n`, 'latin1');
}

function once(header: string, { before, value }: { before: string | undefined; value: string }): string {
  if (before !== undefined) throw new FormProblem(`a part has two headers ${header}`);
  return value;
}

/** RFC 7578, 4.7: senders should not encode; most upstreams would take base64 for the file itself. */
function requirePlain(encoding: string): void {
  if (!PLAIN_ENCODINGS.has(encoding.toLowerCase()))
    throw new FormProblem('a part has a Content-Transfer-Encoding; send its bytes as they are');
}

function readDisposition(value: string): { name: string; filename: string | undefined } {
  const form = /^form-data[ \t]*(?=;|$)/i.exec(value);
  const parameters = form === null ? undefined : readParameters(value.slice(form[0].length));
  if (parameters === undefined) throw new FormProblem('a Content-Disposition of a part is not one of form-data');
  const known = new Map(parameters);
  if (known.size < parameters.length || known.has('name*'))
    throw new FormProblem('a Content-Disposition of a part names something twice');
  const name = known.get('name');
  if (name === undefined) throw new FormProblem('a part has no name');
  if (name.length > LONGEST_NAME || !FIELD_NAME.test(name))
    throw new FormProblem('a field has a name that is empty, too long or has odd characters in it');
  const extended = known.get('filename*');
  return { name, filename: extended === undefined ? known.get('filename') : decodeFilename(extended, name) };
}

/** `utf-8''na%C3%AFve.mp3` (RFC 8187), as the bytes of UTF-8. */
function decodeFilename(text: string, field: string): string {
  const [, escaped] = /^utf-8'[^']*'([^']*)$/i.exec(text) ?? [];
  const decoded = escaped?.replaceAll(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  if (decoded === undefined || CONTROL.test(decoded)) throw new FormProblem('a filename cannot be read', field);
  return decoded;
}

/** As browsers do: a quote or backslash within quotes is read in several ways. */
function escapeFilename(filename: string): string {
  return filename.replaceAll('"', '%22').replaceAll('\\', '%5C');
}
