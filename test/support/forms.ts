/** One part of a form, as a sender writes it. */
export interface FormPart {
  readonly name: string;
  readonly value: string | Buffer;
  /** Makes it a file. */
  readonly filename?: string;
  readonly type?: string;
}

export const BOUNDARY = 'test-boundary-7MA4YWxk';
export const FORM_TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

/** A whole form under `BOUNDARY`, parts in the order given. */
export function formBytes(...parts: readonly FormPart[]): Buffer {
  return Buffer.concat([...parts.map(partBytes), Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

/** One part, its boundary before it. */
export function partBytes(part: FormPart): Buffer {
  return Buffer.concat([partHead(part), Buffer.from(part.value), Buffer.from('\r\n')]);
}

/** What stands before the content of a part. */
export function partHead({ name, filename, type }: Omit<FormPart, 'value'>): Buffer {
  const file = filename === undefined ? '' : `; filename="${filename}"`;
  const typed = type === undefined ? '' : `Content-Type: ${type}\r\n`;
  return Buffer.from(
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n${typed}\r\n`,
    'latin1',
  );
}

export const field = (name: string, value: string): FormPart => ({ name, value });
export const file = (value: string | Buffer, name = 'file'): FormPart => ({
  name,
  value,
  filename: 'a.mp3',
  type: 'audio/mpeg',
});

/** A form that an upstream has got, as Node reads it: texts as they are, files as their bytes. */
export async function readForm(request: {
  readonly body: Buffer;
  header(name: string): string | undefined;
}): Promise<[string, string | Buffer][]> {
  const response = new Response(new Uint8Array(request.body), {
    headers: { 'content-type': request.header('content-type') ?? '' },
  });
  return Promise.all(
    [...(await response.formData())].map(async ([name, value]): Promise<[string, string | Buffer]> => [
      name,
      typeof value === 'string' ? value : Buffer.from(await value.arrayBuffer()),
    ]),
  );
}
