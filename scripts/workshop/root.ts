import { join } from 'node:path';

/** Absolute path of the checkout. */
export const ROOT = join(import.meta.dirname, '..', '..');

/** Absolute path of something in the checkout: `inRoot('src', 'main.ts')`. */
export function inRoot(...parts: readonly string[]): string {
  return join(ROOT, ...parts);
}
