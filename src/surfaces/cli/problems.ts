import { relative } from 'node:path';

import { refusesStart } from '../../config/check/catalogue.ts';
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
      const told = problem.path === undefined || problem.message.includes(problem.path);
      const path = told ? '' : paint.quiet(` (${problem.path})`);
      const hint = problem.hint === undefined ? '' : `    ${paint.quiet('mend:')} ${problem.hint}\n`;
      return `${head}    ${problem.message}${path}\n${hint}`;
    })
    .join('');
}

/** `2 errors, 1 warning`, or `nothing found`. */
export function countProblems(problems: readonly Problem[]): string {
  const parts = SEVERITIES.flatMap((severity) => {
    const count = problems.filter((problem) => problem.severity === severity).length;
    return count === 0 ? [] : [plural(count, severity)];
  });
  return parts.length === 0 ? 'nothing found' : parts.join(', ');
}

/** `1 group`, `2 groups`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
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

/** Those that keep a gateway from starting on the config. */
export function refusals(problems: readonly Problem[]): readonly Problem[] {
  return problems.filter(({ code }) => refusesStart(code));
}

/** Says on stderr that the config cannot be used, and why. Gives the exit status. */
export function reportUnusable(problems: readonly Problem[], io: CliIo): number {
  const paint = paintFor(io.stderr, io.env);
  const errors = problems.filter(({ severity }) => severity === 'error');
  io.stderr.write(`${paint.bad('The config cannot be used')}: ${countProblems(errors)}.\n`);
  io.stderr.write(renderProblems(errors, paint, io.cwd));
  return EXIT.unusable;
}
