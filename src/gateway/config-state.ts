import type { Problem } from '../core/base/problem.ts';

/** How the config on disk stands to the one that serves. */
export interface ConfigStanding {
  /** `stale`: the files hold something that cannot be served from, and the config before it serves on. */
  readonly state: 'current' | 'stale';
  /** Version of the config that serves. */
  readonly version: string;
  /** When the files were last read: milliseconds of the epoch. */
  readonly readAt: number;
  /** Codes of what keeps the files from being served; none where they are. */
  readonly refusedFor: readonly string[];
}

/** What the pages show of the config. */
export interface ConfigState {
  readonly standing: ConfigStanding;
  /** Everything found in the files as they were last read, whether they serve or not. Holds no secrets. */
  findings(): Promise<readonly Problem[]>;
}
