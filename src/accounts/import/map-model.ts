import { isSecretName, newModel, type OpenModel } from '../build/model.ts';
import type { Json, JsonObject } from '../contract.ts';
import { modelNew } from '../fields/model-bodies.ts';
import { buildContextOf, readAs } from './mapped.ts';
import type { MapContext, Mapped } from './mapped.ts';
import { objectIn, stampsOf, textIn } from './row.ts';
import type { OpenLitellmText } from './source.ts';

export interface ModelContext extends MapContext {
  /** Undefined: LiteLLM's salt key was not given. */
  readonly open: OpenLitellmText | undefined;
  /** LiteLLM's rows of named credentials. */
  readonly credentials: ReadonlyMap<string, JsonObject>;
}

/** A deployment that LiteLLM keeps in its database. LiteLLM seals every text in `litellm_params`, the model's name too. */
export function mapModel(row: JsonObject, context: ModelContext): Mapped<OpenModel> {
  const info = objectIn(row, 'model_info');
  const left = reasonToLeave(row, info);
  if (left !== undefined) return { kind: 'left', reason: left };
  const opened = openAll({ ...objectIn(row, 'litellm_params') }, context.open);
  const params = withCredential(opened, context);
  const unread = params.sealed.filter((name) => !isSecretName(name));
  if (unread.length > 0) return { kind: 'refused', reason: sealedReason(context.open) };
  // `db_model` only says that the row stands in the database.
  const { db_model: _mark, ...kept } = info;
  return readAs({
    shape: modelNew,
    body: {
      model_name: textIn(row, 'model_name') ?? '',
      litellm_params: params.values,
      model_info: { ...withoutNulls(kept), id: textIn(row, 'model_id') ?? '' },
    },
    build: ({ value }) => {
      const built = newModel(value, textIn(row, 'model_id') ?? '', buildContextOf(context));
      if (!built.ok) return built;
      const { record, credentials } = built.record;
      return { ok: true, record: { record: { ...record, ...stampsOf(row, context.now) }, credentials } };
    },
    notes: params.sealed.map((name) => `litellm_params.${name} is sealed and is not carried over.`),
  });
}

function reasonToLeave(row: JsonObject, info: JsonObject): string | undefined {
  if (row['blocked'] === true) return 'It is blocked; a stored deployment here always serves.';
  // Carried over, it would be open to everybody.
  return textIn(info, 'team_id') === undefined
    ? undefined
    : 'It is for one team only. Make it anew with a tag, and give that tag to the team.';
}

function sealedReason(open: OpenLitellmText | undefined): string {
  return open === undefined
    ? "Its parameters are sealed, and LiteLLM's salt key was not given."
    : 'Its parameters do not open with the salt key that was given.';
}

interface Opened {
  readonly values: JsonObject;
  /** Names of what did not open. */
  readonly sealed: readonly string[];
}

function openAll(params: JsonObject, open: OpenLitellmText | undefined): Opened {
  const values = new Map<string, Json>();
  const sealed: string[] = [];
  for (const [name, value] of Object.entries(withoutNulls(params))) {
    const plain = typeof value === 'string' ? (open?.(value) ?? value) : value;
    if (plain === value && typeof value === 'string' && looksSealed(value)) sealed.push(name);
    else values.set(name, plain);
  }
  return { values: Object.fromEntries(values), sealed };
}

/** What a named credential adds; what the deployment sets itself wins. A name that the database lacks may be the config's. */
function withCredential(opened: Opened, context: ModelContext): Opened {
  const { litellm_credential_name: name, ...own } = opened.values;
  const row = typeof name === 'string' ? context.credentials.get(name) : undefined;
  if (row === undefined) return opened;
  const added = openAll(objectIn(row, 'credential_values'), context.open);
  const sealed = added.sealed.filter((each) => !Object.hasOwn(own, each));
  return { values: { ...added.values, ...own }, sealed: [...new Set([...opened.sealed, ...sealed])] };
}

const PREFIX = 'v2:gcm:';
const NONCE_AND_TAG_BYTES = 40;

/** Padded base64 with room for a nonce and a tag. A key of a provider is hardly ever that. */
function looksSealed(text: string): boolean {
  if (text.startsWith(PREFIX)) return true;
  const isBase64 = text.length % 4 === 0 && /^[\w+/-]+={0,2}$/.test(text);
  return isBase64 && Buffer.from(text, 'base64').length >= NONCE_AND_TAG_BYTES;
}

function withoutNulls(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}
