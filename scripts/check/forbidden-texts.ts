import { readFileSync } from 'node:fs';
import { inRoot } from '../workshop/root.ts';
import type { Step } from '../workshop/steps.ts';
import { projectFiles } from '../workshop/tracked-files.ts';

export interface ForbiddenText {
  readonly files: RegExp;
  readonly pattern: RegExp;
  readonly why: string;
}

const TEXT_FILE = /\.(ts|mts|cts|tsx|js|mjs|cjs|json|md|ya?ml|sh|html|css|txt|toml)$|(^|\/)[^.]+$/;
const CODE_FILE = /\.([cm]?[jt]sx?|sh|ya?ml)$|^\.ci\//;
const TEST_FILE = /\.test\.ts$/;

// Written with brackets, so that this table does not find itself.
export const FORBIDDEN: readonly ForbiddenText[] = [
  {
    files: TEXT_FILE,
    pattern: /(?:^|[^\w./*-])\/(?:(?:work|root|tmp)\/\w|home\/(?!someone\b)\w)/,
    why: 'a path of one machine. Use os.tmpdir(), import.meta.dirname or a relative path.',
  },
  {
    files: /package-lock\.json$/,
    pattern: /"resolved":/,
    why: 'the address of one registry. Install with the .npmrc of the project, which leaves it out.',
  },
  {
    files: TEXT_FILE,
    pattern: /registry[.]npmjs|registry[.]yarnpkg|pypi[.]org|crates[.]io/,
    why: 'the host of a registry. Name the package instead.',
  },
  {
    files: CODE_FILE,
    pattern: /\b(?:T[O]DO|FIX[M]E|XX[X]|HAC[K])\b/,
    why: 'a marker for later. Do it, or write it down in an issue.',
  },
  {
    files: TEST_FILE,
    pattern: /\b(?:describe|suite|test|it)(?:\.\w+)*\.(?:only|skip|todo|skipIf|runIf|fails)\b|\b[xf](?:it|describe)\(/,
    why: 'a test that does not run. A suite that needs a part names it in scripts/test/suites.ts.',
  },
  { files: CODE_FILE, pattern: /@ts-(?:ignore|nocheck|expect-error)\b/, why: 'a silenced type error. Mend the type.' },
];

/** Findings in one file: `path:line: why`. */
export function forbiddenIn(file: string, text: string): readonly string[] {
  const rules = FORBIDDEN.filter((rule) => rule.files.test(file));
  if (rules.length === 0) return [];
  return text.split('\n').flatMap((line, index) => {
    return rules.filter((rule) => rule.pattern.test(line)).map((rule) => `${file}:${index + 1}: ${rule.why}`);
  });
}

export const forbiddenTexts: Step = {
  name: 'texts',
  async run() {
    const files = projectFiles();
    const found = files.flatMap((file) => forbiddenIn(file, readFileSync(inRoot(file), 'utf8')));
    return { ok: found.length === 0, output: found.join('\n'), note: `${files.length} files` };
  },
};
