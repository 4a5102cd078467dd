import { z } from 'zod';

/**
 * What becomes of a field of a management body.
 * `acted`: it does what it says. `unenforced`: kept in the record, and nobody acts on it yet. `stored`: a field of LiteLLM's,
 * kept and shown, and not acted on. `shown`: kept and shown, and there is nothing to act on. `ignored`: accepted and dropped.
 * `refused`: known, and not taken; its description says why.
 */
export type Fate = 'acted' | 'unenforced' | 'stored' | 'shown' | 'ignored' | 'refused';

/** Stands beside a field's description in the JSON Schema. */
export const FATE_KEY = 'x-waymark';

function field<S extends z.ZodType>(fate: Fate, schema: S, description: string) {
  return schema.nullish().meta({ description, [FATE_KEY]: fate });
}

/** A field that the endpoint cannot do without. */
export function required<S extends z.ZodType>(schema: S, description: string): S {
  return schema.meta({ description, [FATE_KEY]: 'acted' });
}

export function acted<S extends z.ZodType>(schema: S, description: string) {
  return field('acted', schema, description);
}

export function unenforced<S extends z.ZodType>(schema: S, description: string) {
  return field('unenforced', schema, description);
}

export function stored<S extends z.ZodType>(schema: S, description: string) {
  return field('stored', schema, description);
}

export function shown<S extends z.ZodType>(schema: S, description: string) {
  return field('shown', schema, description);
}

export function ignored<S extends z.ZodType>(schema: S, reason: string) {
  return field('ignored', schema, reason);
}

/** `reason`: a sentence that says why, and what to do instead. */
export function refused(reason: string) {
  return field('refused', z.unknown(), reason);
}

/** What was declared of a field; `acted` for one that declares nothing. */
export function fateOf(schema: z.core.$ZodType): Fate {
  return (z.globalRegistry.get(schema)?.[FATE_KEY] as Fate | undefined) ?? 'acted';
}

export function descriptionOf(schema: z.core.$ZodType): string {
  return z.globalRegistry.get(schema)?.description ?? '';
}
