import { relative } from 'node:path';

import type { Position, Problem, Severity } from '../../core/base/problem.ts';
import { EXIT, type CliIo } from './io.ts';
import { paintFor, type Paint } from './paint.ts';

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'note'];

/** Findings as text: `file:line:column`, severity, code, the sentence, and how to mend it. Errors first. */
export function renderProblems(problems: readonly Problem[], paint: Paint, cwd: string): string {
  return bySeverity(problems)
    .map((problem) => {
      const place = problem.at === undefined ? '' : `${paint.strong(placeOf(problem.at, cwd))}  `;
      const head = `${place}${severityText(problem.severity, paint)}  ${paint.quiet(problem.code)}\n`;
      const path = problem.path === undefined ? '' : paint.quiet(` (${problem.path})`);
      const hint = problem.hint === undefined ? '' : `    ${paint.quiet('mend:')} ${problem.hint}\n`;
      return `${head}    ${problem.message}${path}\n${hint}`;
    })
    .join('');
}

/** `2 errors, 1 warning`, or `nothing found`. */
export function countProblems(problems: readonly Problem[]): string {
  const parts = SEVERITIES.flatMap((severity) => {
    const count = problems.filter((problem) => problem.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? '' : 's'}`];
  });
  return parts.length === 0 ? 'nothing found' : parts.join(', ');
}

export function bySeverity(problems: readonly Problem[]): Problem[] {
  return SEVERITIES.flatMap((severity) => problems.filter((problem) => problem.severity === severity));
}

/** `config.yaml:12:7`, relative to where the person stands when the file lies below. */
export function placeOf(at: Position, cwd: string): string {
  return `${shownPath(at.file, cwd)}:${at.line}:${at.column}`;
}

export function shownPath(path: string, cwd: string): string {
  const near = relative(cwd, path);
  return near === '' || near.startsWith('..') ? path : near;
}

export function severityText(severity: Severity, paint: Paint): string {
  if (severity === 'error') return paint.bad(severity);
  return severity === 'warning' ? paint.careful(severity) : paint.name(severity);
}

/** Says on stderr that the config cannot be used, and why. Gives the exit status. */
export function reportUnusable(errors: readonly Problem[], io: CliIo): number {
  const paint = paintFor(io.stderr, io.env);
  io.stderr.write(`${paint.bad('The config cannot be used')}: ${countProblems(errors)}.\n`);
  io.stderr.write(renderProblems(errors, paint, io.cwd));
  return EXIT.unusable;
}
