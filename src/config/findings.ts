import type { Position, Problem, Severity } from '../core/base/problem.ts';
import { CATALOGUE, type FindingCode } from './check/catalogue.ts';

/** A finding as its finder states it; the severity comes from the catalogue unless given. */
export interface Finding {
  readonly message: string;
  readonly hint?: string | undefined;
  readonly path?: string | undefined;
  readonly at?: Position | undefined;
  readonly severity?: Severity;
}

/** Collects problems in the order in which they are found. */
export class Findings {
  readonly #problems: Problem[] = [];
  /** A value may be read twice, under two names or for two purposes; its type is wrong once. */
  readonly #wrongTypes = new Set<string>();

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  report(code: FindingCode, finding: Finding): void {
    if (code === 'wrong-type' && finding.path !== undefined) {
      if (this.#wrongTypes.has(finding.path)) return;
      this.#wrongTypes.add(finding.path);
    }
    this.#problems.push(problemOf(code, finding));
  }

  has(code: FindingCode): boolean {
    return this.#problems.some((problem) => problem.code === code);
  }
}

/** A problem of the catalogue's severity; where its finder knows nothing better, mended as the catalogue says. A note needs no mending. */
export function problemOf(code: FindingCode, finding: Finding): Problem {
  const { message, path, at, severity = CATALOGUE[code].severity } = finding;
  const hint = finding.hint ?? (severity === 'note' ? undefined : CATALOGUE[code].mend);
  return {
    code,
    severity,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(path === undefined ? {} : { path }),
    ...(at === undefined ? {} : { at }),
  };
}

/** Problems in the order of files and lines; those without a place come last. Stable. */
export function inReadingOrder(problems: readonly Problem[], files: readonly string[]): Problem[] {
  const rank = (problem: Problem): readonly number[] => {
    if (problem.at === undefined) return [files.length + 1, 0, 0];
    const file = files.indexOf(problem.at.file);
    return [file < 0 ? files.length : file, problem.at.line, problem.at.column];
  };
  const compare = (a: readonly number[], b: readonly number[]): number =>
    (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0) || (a[2] ?? 0) - (b[2] ?? 0);
  return problems
    .map((problem) => ({ problem, key: rank(problem) }))
    .sort((a, b) => compare(a.key, b.key))
    .map((item) => item.problem);
}
