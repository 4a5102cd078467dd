import { runScript } from '../workshop/run-command.ts';
import { runVitestProject } from '../workshop/vitest-run.ts';
import type { Step } from '../workshop/steps.ts';
import { floors } from './floors.ts';
import { forbiddenTexts } from './forbidden-texts.ts';
import { norms } from './norms.ts';

/** A step that is the exit status of a script of the checkout, one in node_modules included. */
function script(name: string, file: string, args: readonly string[]): Step {
  return {
    name,
    async run() {
      const { code, output } = await runScript(file, args);
      return { ok: code === 0, output };
    },
  };
}

/** A step that is one project of the test runner. */
export function tests(name: string): Step {
  return {
    name,
    async run() {
      const { ok, output, passed, failed } = await runVitestProject(name);
      return { ok, output, note: failed === 0 ? `${passed} tests` : `${failed} of ${passed + failed} failed` };
    },
  };
}

const types = script('types', 'node_modules/typescript/bin/tsc', ['-p', '.']);
const lint = script('lint', 'node_modules/oxlint/bin/oxlint', ['--type-aware', '--max-warnings=0', '.']);
const format = script('format', 'node_modules/oxfmt/bin/oxfmt', ['--check', '.']);
const unused = script('unused', 'node_modules/knip/bin/knip.js', ['--no-progress']);
const build = script('build', 'scripts/build.ts', []);
const docs = script('docs', 'scripts/docs.ts', ['--check']);

/** Everything of the gate that is not a test. */
export const CHECKS: readonly Step[] = [types, lint, format, unused, floors, norms, forbiddenTexts, build, docs];
