import type { Prepared } from '../answer-book.ts';
import { identityHeaders } from '../answers.ts';
import { parseObject, type Fields } from '../asked.ts';
import { refusedTemplate } from '../fixed-answers.ts';
import { imageEvents, imagesBody } from '../media-answers.ts';
import type { SimulatorSettings } from '../options.ts';
import { bytesTemplate, jsonTemplate, typedEventsTemplate, type ExtraHeaders } from '../template.ts';
import { answerTokens } from '../text.ts';
import type { DigestedForm } from './form-digest.ts';

/** What is asked for with a form. */
export type FormOperation = 'transcriptions' | 'translations' | 'edits';

export const FORM_OPERATIONS: ReadonlyMap<string, FormOperation> = new Map([
  ['/audio/transcriptions', 'transcriptions'],
  ['/audio/translations', 'translations'],
  ['/images/edits', 'edits'],
]);

/** Fields that OpenAI would refuse a form without. */
const REQUIRED: Readonly<Record<FormOperation, readonly string[]>> = {
  transcriptions: ['model', 'file'],
  translations: ['model', 'file'],
  edits: ['model', 'image', 'prompt'],
};

/** Bytes in one piece of a plain text. */
const TEXT_PIECE = 1024;
/** Seconds for each word that is heard. */
const SECONDS_A_WORD = 0.5;

export interface FormAsked {
  readonly operation: FormOperation;
  /** Undefined: the body was no form. */
  readonly form: DigestedForm | undefined;
  readonly body: Buffer;
  readonly tokens: number;
}

/**
 * The answer to a form: `Hello from NAME. ...` is what is heard in any file, in the format that `response_format` asks for. Headers
 * say what files came: `x-simulated-file-sha256` and `x-simulated-file-bytes`, one value for each file.
 */
export function formAnswer(asked: FormAsked, settings: SimulatorSettings): Prepared {
  const { operation, form } = asked;
  const fields = fieldsOf(asked);
  if (fields === undefined) return refuse(form?.problem ?? 'The body is not a form.', null, settings);
  const missing = REQUIRED[operation].find((name) => fields[name] === undefined);
  if (missing !== undefined) return refuse(`Missing required parameter: '${missing}'.`, missing, settings);
  const extra = [...identityHeaders(settings.name), ...fileHeaders(form)];
  if (operation === 'edits') return editAnswer(fields, extra);
  return heardAnswer({ operation, fields, tokens: asked.tokens }, settings, extra);
}

/** Texts of a form under their names without brackets, files as true; JSON as it is. `model` may stand in the path. */
function fieldsOf({ operation, form, body }: FormAsked): Fields | undefined {
  // OpenAI takes JSON for edits, with images by URL or id.
  if (form === undefined) {
    const json = operation === 'edits' ? parseObject(body) : undefined;
    return json === undefined ? undefined : { image: json['images'], ...json };
  }
  if (form.problem !== undefined) return undefined;
  const files = form.files.map(({ name }) => [name, true] as const);
  const entries = [...form.fields, ...files].map(([name, value]) => [name.replace(/\[\]$/, ''), value] as const);
  return Object.fromEntries(entries);
}

function fileHeaders(form: DigestedForm | undefined): ExtraHeaders {
  const files = form?.files ?? [];
  if (files.length === 0) return [];
  return [
    ['x-simulated-file-sha256', files.map(({ sha256 }) => sha256).join(', ')],
    ['x-simulated-file-bytes', files.map(({ size }) => size).join(', ')],
  ];
}

function editAnswer(fields: Fields, extra: ExtraHeaders): Prepared {
  const count = Number(fields['n'] ?? 1);
  const asked = { ...fields, n: count, partial_images: Number(fields['partial_images'] ?? 0) };
  if (fields['stream'] !== 'true' && fields['stream'] !== true)
    return { template: jsonTemplate(imagesBody(asked), { status: 200, extra }), streamed: false };
  const events = imageEvents(asked).map((event) => ({ ...event, type: event.type.replace('generation', 'edit') }));
  return { template: typedEventsTemplate(events, extra), streamed: true };
}

interface Heard {
  readonly operation: FormOperation;
  readonly fields: Fields;
  readonly tokens: number;
}

function heardAnswer({ operation, fields, tokens }: Heard, settings: SimulatorSettings, extra: ExtraHeaders): Prepared {
  const words = answerTokens(settings.name, Math.min(tokens, 1000));
  const text = words.join('');
  const usage = { type: 'tokens', input_tokens: 1, output_tokens: words.length, total_tokens: words.length + 1 };
  if (fields['stream'] === 'true' && operation === 'transcriptions') {
    const deltas = words.map((delta) => ({ type: 'transcript.text.delta', delta }));
    const events = [...deltas, { type: 'transcript.text.done', text, usage }];
    return { template: typedEventsTemplate(events, extra), streamed: true };
  }
  const seconds = words.length * SECONDS_A_WORD;
  const format = fields['response_format'] ?? 'json';
  if (format === 'json') return { template: jsonTemplate({ text, usage }, { status: 200, extra }), streamed: false };
  if (format === 'verbose_json') {
    const task = operation === 'transcriptions' ? 'transcribe' : 'translate';
    const segments = [{ id: 0, seek: 0, start: 0, end: seconds, text, tokens: [], temperature: 0 }];
    const body = { task, language: 'english', duration: seconds, text, segments, usage: { type: 'duration', seconds } };
    return { template: jsonTemplate(body, { status: 200, extra }), streamed: false };
  }
  const written = writtenText(format, text, seconds);
  if (written === undefined) return refuse(`Unknown response_format.`, 'response_format', settings);
  const type = ['content-type', 'text/plain; charset=utf-8'] as const;
  return { template: bytesTemplate(Buffer.from(written), TEXT_PIECE, [type, ...extra]), streamed: false };
}

function writtenText(format: unknown, text: string, seconds: number): string | undefined {
  const end = new Date(seconds * 1000).toISOString().slice(11, 23);
  if (format === 'text') return `${text}\n`;
  if (format === 'srt') return `1\n00:00:00,000 --> ${end.replace('.', ',')}\n${text}\n\n`;
  return format === 'vtt' ? `WEBVTT\n\n00:00:00.000 --> ${end}\n${text}\n\n` : undefined;
}

function refuse(message: string, param: string | null, settings: SimulatorSettings): Prepared {
  return { template: refusedTemplate({ message, param }, settings), streamed: false };
}
