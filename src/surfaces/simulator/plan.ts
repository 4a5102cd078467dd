import { seededRandom } from '../../core/base/random.ts';
import type { SimulatorSettings } from './options.ts';
import { drawFrom } from './spread.ts';

/** What one request gets, before its body is looked at. */
export interface Plan {
  readonly timeToFirstTokenMs: number;
  readonly answerTokens: number;
  /** The status of an error, or undefined. */
  readonly errorStatus: number | undefined;
  /** How much of a stream comes through before it is cut, 0 to 1; undefined: all of it. */
  readonly cutAt: number | undefined;
}

/**
 * The plan of request number `index` (from 1). Depends on the settings and the number alone, so that a seed repeats a whole
 * load test, whatever the answers before looked like.
 */
export function planRequest(settings: SimulatorSettings, index: number): Plan {
  const random = seededRandom(Math.imul(index, 0x9e3779b1) ^ settings.seed);
  const luck = random();
  const cutLuck = random();
  const cutAt = random();
  return {
    errorStatus: settings.errors.size === 0 ? undefined : errorFor(luck, settings.errors),
    cutAt: cutLuck < settings.cutStreams ? cutAt : undefined,
    timeToFirstTokenMs: drawFrom(settings.timeToFirstTokenMs, random),
    answerTokens: Math.max(1, drawFrom(settings.answerTokens, random)),
  };
}

/** The status whose slice of [0, 1) `luck` falls into. */
function errorFor(luck: number, errors: ReadonlyMap<number, number>): number | undefined {
  let edge = 0;
  for (const [status, share] of errors) {
    edge += share;
    if (luck < edge) return status;
  }
  return undefined;
}
