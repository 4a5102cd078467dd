import type { ReadEnvironment } from '../environment.ts';
import type { Findings } from '../findings.ts';
import type { Places } from '../places.ts';

/** What every section's reader gets along: where problems and places go, and the environment. */
export interface Reading {
  readonly findings: Findings;
  readonly places: Places;
  readonly environment: ReadEnvironment;
}
