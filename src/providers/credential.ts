import type { ProviderSpec } from './spec.ts';

/** The header of a credential, or the reason why it cannot be sent. */
export type CredentialResult =
  | { readonly ok: true; readonly header: readonly [string, string] | undefined }
  | { readonly ok: false; readonly reason: string };

/** `key` goes out as the provider wants it; `token` is always a bearer token. Never puts either into a message. */
export function credentialHeader(
  spec: ProviderSpec,
  secret: { readonly key: string | undefined; readonly token?: string | undefined },
): CredentialResult {
  const value = secret.key ?? secret.token;
  if (value === undefined) return { ok: true, header: undefined };
  if (!isHeaderValue(value)) return { ok: false, reason: 'its credential holds characters that a header cannot carry' };
  if (spec.auth === 'azure' && secret.key !== undefined) return { ok: true, header: ['api-key', value] };
  return { ok: true, header: ['authorization', `Bearer ${value}`] };
}

/** Visible Latin-1 text: a line break would end the header, other characters have no bytes there. */
function isHeaderValue(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 32 || code === 127 || code > 255) return false;
  }
  return text !== '';
}
