import { defineConfig } from 'vitest/config';

/** One project for each suite of `npm test`; scripts/test/suites.ts says what each needs of the machine. */
function project(name: string, include: readonly string[], exclude: readonly string[] = []) {
  return {
    extends: true as const,
    test: { name, include: [...include], exclude: ['**/node_modules/**', 'dist', ...exclude] },
  };
}

export default defineConfig({
  test: {
    environment: 'node',
    pool: 'forks',
    testTimeout: 60_000,
    passWithNoTests: false,
    allowOnly: false,
    projects: [
      project('unit', ['src/**/*.test.ts', 'scripts/**/*.test.ts', 'test/support/**/*.test.ts', 'bench/**/*.test.ts']),
      project('house', ['test/house/**/*.test.ts']),
      project('conformance', ['test/conformance/**/*.test.ts']),
      project('properties', ['test/properties/**/*.test.ts']),
      project('contract', ['test/contract/**/*.test.ts']),
      project('import', ['test/import/**/*.test.ts']),
      project('e2e', ['test/e2e/**/*.test.ts'], ['test/e2e/clients/**']),
      project('clients', ['test/e2e/clients/**/*.test.ts']),
    ],
  },
});
