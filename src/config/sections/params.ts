import { parseFieldPath } from '../../core/wire/field-path.ts';
import type { ParameterSettings } from '../contract.ts';
import type { Findings } from '../findings.ts';
import { SECTIONS } from '../known-keys/sections.ts';
import { type ConfigNode, isNothing, type MapEntry, type MapNode, mapNode, toJson } from '../tree/node.ts';
import { scalarText, type Fields } from '../fields.ts';

/** `litellm_params` with what its `litellm_credential_name` adds. What the deployment sets itself wins. */
export function withCredential(
  params: MapNode,
  credentials: ReadonlyMap<string, MapNode | undefined>,
  report: { readonly findings: Findings; readonly path: string },
): { readonly params: MapNode; readonly fault?: string } {
  const name = params.entries.get('litellm_credential_name')?.value;
  if (isNothing(name)) return { params };
  const wanted = name.kind === 'scalar' ? scalarText(name) : '';
  if (!credentials.has(wanted)) {
    const message = `No entry of credential_list is called "${wanted}".`;
    const path = `${report.path}.litellm_credential_name`;
    report.findings.report('missing-credential-entry', {
      message,
      path,
      at: name.at,
      hint: 'Correct the name, or add the entry.',
    });
    return { params, fault: `the credential "${wanted}" is not in credential_list` };
  }
  const entries = new Map<string, MapEntry>(credentials.get(wanted)?.entries ?? []);
  for (const entry of params.entries.values()) entries.set(entry.key, entry);
  return { params: mapNode(entries, params.at) };
}

/** Request parameters that a call without them gets: what OpenAI's API knows, and what nobody knows (LiteLLM sends that too). */
export function readDefaultParams(params: MapNode): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  for (const { key, value } of params.entries.values()) {
    if (isNothing(value) || !isSent(key)) continue;
    if (key === 'extra_body' && value.kind === 'map') addAll(value, found);
    else found.set(key, toJson(value));
  }
  return found;
}

function addAll(map: MapNode, found: Map<string, unknown>): void {
  for (const { key, value } of map.entries.values()) found.set(key, toJson(value));
}

function isSent(key: string): boolean {
  const known = SECTIONS.litellmParams.keys.get(key);
  if (known !== undefined) return known.status === 'sent';
  return !SECTIONS.modelInfo.keys.has(key) && !SECTIONS.modelEntry.keys.has(key) && !SECTIONS.topLevel.keys.has(key);
}

/** `drop_params`, `additional_drop_params` and `allowed_openai_params`. A path that cannot be read is reported and left out. */
export function readParameterSettings(params: Fields): ParameterSettings | undefined {
  const dropParams = params.boolean('drop_params');
  const dropped = params.texts('additional_drop_params');
  const allowed = params.texts('allowed_openai_params');
  if (dropParams === undefined && dropped === undefined && allowed === undefined) return undefined;
  const read = (dropped ?? []).map((text) => ({ text, path: parseFieldPath(text.trim()) }));
  const wrong = read.filter(({ path }) => path === undefined).map(({ text }) => `"${text}"`);
  if (wrong.length > 0) {
    const message = `${params.pathOf('additional_drop_params')} holds what is no path of a parameter and is ignored: ${wrong.join(', ')}.`;
    const hint = 'Write `logit_bias`, `metadata.user` or `tools[*].function.strict`.';
    params.report('additional_drop_params', message, hint);
  }
  const paths = read.flatMap(({ path }) => path ?? []);
  return { dropParams: dropParams === true, dropped: paths, allowed: allowed ?? [] };
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** `extra_headers` (and `headers`), names in lower case. A value that cannot be sent is reported and left out. */
export function readHeaders(
  params: MapNode,
  report: { readonly findings: Findings; readonly path: string },
): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const key of ['headers', 'extra_headers']) {
    const node = params.entries.get(key)?.value;
    if (isNothing(node)) continue;
    const path = `${report.path}.${key}`;
    if (node.kind !== 'map') {
      report.findings.report('wrong-type', {
        message: `${path} must be a map of header names to texts; it is ignored.`,
        path,
        at: node.at,
      });
      continue;
    }
    for (const entry of node.entries.values()) addHeader(headers, entry, { findings: report.findings, path });
  }
  return headers;
}

function addHeader(headers: Map<string, string>, entry: MapEntry, report: { findings: Findings; path: string }): void {
  const name = entry.key.toLowerCase();
  const value: ConfigNode = entry.value;
  const text = value.kind === 'scalar' && value.value !== null ? scalarText(value).trim() : undefined;
  if (value.kind === 'scalar' && value.missing !== undefined) return;
  if (text === undefined || !HEADER_NAME.test(name) || !isHeaderText(text)) {
    const message = `${report.path}.${entry.key} cannot be sent as a header; it is left out.`;
    report.findings.report('bad-header', { message, path: `${report.path}.${entry.key}`, at: entry.keyAt });
    return;
  }
  headers.set(name, text);
}

/** Text that HTTP can carry: no control characters, nothing beyond Latin-1. */
function isHeaderText(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if ((code < 32 && code !== 9) || code === 127 || code > 255) return false;
  }
  return true;
}
