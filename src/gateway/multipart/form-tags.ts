import { GatewayError } from '../../core/errors/gateway-error.ts';
import { readCallerTags } from '../../core/routing/caller-tags.ts';
import { explain } from '../../core/routing/explain.ts';
import type { CallerTag } from '../../core/routing/facts.ts';
import { isObject } from '../../core/wire/json-text.ts';
import { refuseBannedTags } from '../banned-tags.ts';
import type { Call } from '../call.ts';
import { factsOf } from '../facts.ts';
import { decodeHeader } from '../header-text.ts';
import { tooLate, type FormFields } from './form-fields.ts';

/** The caller's tags, of the header and of the fields as far as they have come. Throws `invalid_tags` or `invalid_field`. */
export function formTags(call: Call, fields: FormFields): readonly CallerTag[] {
  const header = call.exchange.headers.get('x-litellm-tags');
  const reading = readCallerTags(
    {
      header: header === undefined ? undefined : decodeHeader(header),
      tags: tagsOf(fields),
      metadataTags: metadataTags(fields, 'metadata'),
      litellmMetadataTags: metadataTags(fields, 'litellm_metadata'),
    },
    call.snapshot.config.routing.prefix,
  );
  if (!reading.ok) throw new GatewayError('invalid_tags', { message: reading.message, param: reading.field });
  if (call.principal !== undefined) refuseBannedTags(reading.tags, call.principal.policy, call.snapshot);
  return reading.tags;
}

/** `tags[]` in several parts; or one text: a JSON list, else a list with commas, as in the header. */
function tagsOf(fields: FormFields): unknown {
  const tags = fields.value('tags');
  const [text] = tags?.texts ?? [];
  if (tags === undefined || text === undefined || tags.writing === 'list') return tags?.texts;
  if (!text.trimStart().startsWith('[')) return text.split(',').filter((part) => part.trim() !== '');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new GatewayError('invalid_tags', {
      message: 'tags begins like a JSON list and is none. Send a JSON list, or texts with commas between them.',
      param: 'tags',
    });
  }
}

/** Of a JSON object as text, or of an object spelled out in parts. */
function metadataTags(fields: FormFields, field: 'metadata' | 'litellm_metadata'): unknown {
  const value = fields.value(field);
  const [text] = value?.texts ?? [];
  if (value === undefined || text === undefined) return undefined;
  if (value.writing === 'tags-list') return value.texts;
  if (value.writing === 'tags-text') return text;
  if (text.trim() === '') return undefined;
  const object = jsonOrText(text);
  if (object === null) return undefined;
  if (!isObject(object)) throw notAnObject(field);
  return Object.hasOwn(object, 'tags') ? object['tags'] : undefined;
}

/**
 * Tags that have come while the call is on its way to a deployment. Those that fit it count like any others; those that lead
 * elsewhere end the call. Throws like `formTags`, or a FormProblem.
 */
export function addLateTags(call: Call, fields: FormFields, field: string): void {
  const { request, deployment, snapshot } = call;
  if (request === undefined || deployment === undefined) return;
  call.request = { ...request, tags: formTags(call, fields) };
  const { decision, deployments } = explain(factsOf(call), snapshot.table, { view: snapshot.health, random: () => 0 });
  const stays = deployments.some(({ id, kept }) => id === deployment.id && kept);
  if (decision !== 'send' || !stays) throw tooLate(field);
}

/** JSON as its value, anything else as the text that it is. */
export function jsonOrText(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return text;
  }
}

function notAnObject(param: string): GatewayError {
  return new GatewayError('invalid_field', { message: `The field ${param} must be a JSON object as text.`, param });
}
