import { GatewayError } from '../core/errors/gateway-error.ts';

/** Longer waits are of no use to anybody, and beyond some 24 days a timer would fire at once. Seconds. */
export const LONGEST_SECONDS = 86_400;

/** A caller's time limit in seconds: a number, or a text that is one. Undefined or null: none. `source`: the field or header it stands in. */
export function readSeconds(source: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof seconds === 'number' && seconds > 0) return Math.min(seconds, LONGEST_SECONDS);
  throw new GatewayError('invalid_field', {
    message: `The value of ${source} must be a number of seconds above 0.`,
    param: source,
  });
}
