import { PARTS, type Part } from './parts.ts';

/** One suite: a project of vitest.config.ts and what it needs of the machine beyond `npm ci`. */
export interface Suite {
  readonly project: string;
  readonly needs: readonly Part[];
}

/** In the order in which they run: what fails fast stands first. */
export const SUITES: readonly Suite[] = [
  { project: 'unit', needs: [] },
  { project: 'house', needs: [] },
  { project: 'conformance', needs: [] },
  { project: 'properties', needs: [] },
  { project: 'contract', needs: [PARTS.postgres] },
  { project: 'import', needs: [PARTS.postgres, PARTS.pip] },
  { project: 'e2e', needs: [PARTS.openssl, PARTS.curl, PARTS.postgres] },
  { project: 'clients', needs: [] },
];
