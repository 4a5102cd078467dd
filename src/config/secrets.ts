import { type ConfigNode, toJson } from './tree/node.ts';

const SECRET_NAME =
  /api_?key|secret|password|passphrase|credential|authorization|access_key|private_key|_token$|^token$|^auth_value$/i;
const NOT_SECRET = /^(?:litellm_credential_name|credential_name|max_tokens|.*_per_token.*|.*_cost.*)$/i;

/** True for a key whose value is a secret, by its name. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !NOT_SECRET.test(name);
}

/** A map as written, without secrets: secret keys are left out, the values of headers are hidden, URLs lose user part and query. */
export function withoutSecrets(node: ConfigNode | undefined): Readonly<Record<string, unknown>> {
  if (node?.kind !== 'map') return Object.freeze(Object.create(null) as Record<string, unknown>);
  return strip(toJson(node)) as Record<string, unknown>;
}

function strip(value: unknown): unknown {
  if (typeof value === 'string') return withoutUrlSecrets(value);
  if (Array.isArray(value)) return value.map(strip);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.create(null) as Record<string, unknown>;
  for (const [name, item] of Object.entries(value)) {
    if (isSecretName(name)) continue;
    kept[name] = name === 'extra_headers' || name === 'headers' ? hideValues(item) : strip(item);
  }
  return kept;
}

function hideValues(headers: unknown): unknown {
  if (headers === null || typeof headers !== 'object' || Array.isArray(headers)) return '(hidden)';
  const hidden = Object.create(null) as Record<string, unknown>;
  for (const name of Object.keys(headers)) hidden[name] = '(hidden)';
  return hidden;
}

/** `https://user:pass@host/path?key=x` is shown as `https://host/path`. Text that is no URL stays as it is. */
export function withoutUrlSecrets(text: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text;
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1').replace(/[?#].*$/s, '');
}
