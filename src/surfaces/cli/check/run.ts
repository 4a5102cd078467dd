import { CATALOGUE, catalogueEntry } from '../../../config/check/catalogue.ts';
import { nearest } from '../../../core/base/nearest.ts';
import type { Problem, Severity } from '../../../core/base/problem.ts';
import { configPath, environmentOf, loadConfig, type LoadedConfig } from '../config-file.ts';
import { allFindings } from '../findings.ts';
import { withDotEnv } from '../dot-env.ts';
import { CliFailure, EXIT, type CliIo } from '../io.ts';
import { paintFor } from '../paint.ts';
import { prepareAsServed } from '../prepare.ts';
import type { CliContext } from '../program.ts';
import { bySeverity, countProblems, plural, renderProblems, shownPath } from '../problems.ts';
import { renderTable } from '../table.ts';
import type { CheckFlags } from './command.ts';
import { sarifLog } from './sarif.ts';

type CheckContext = Pick<CliContext, 'io' | 'identity'>;

/** `waymark check`: prints every finding. 0: no error; 1: an error (a warning too with `--strict`); 2: unreadable. */
export async function runCheck(
  flags: CheckFlags,
  positional: string | undefined,
  context: CheckContext,
): Promise<number> {
  const io = withDotEnv(context.io);
  if (flags.explain !== undefined) return explainCode(flags.explain, flags.json === true, io);
  const loaded = loadConfig(configPath({ flag: flags.config, positional }, io), io);
  const problems = findings(loaded, io);
  const status = statusOf(loaded, problems, flags.strict === true);
  const checked = { loaded, problems, status };
  if (flags.json === true) io.stdout.write(asJson(checked));
  else if (flags.sarif === true) io.stdout.write(asSarif(checked, { ...context, io }));
  else io.stdout.write(asText(checked, io));
  return status;
}

interface Checked {
  readonly loaded: LoadedConfig;
  readonly problems: readonly Problem[];
  readonly status: number;
}

function findings({ config, problems }: LoadedConfig, io: CliIo): readonly Problem[] {
  if (config === undefined) return problems;
  const env = environmentOf(config, io);
  return allFindings({ config, read: problems, prepared: prepareAsServed(config, io).problems, env });
}

function statusOf({ config }: LoadedConfig, problems: readonly Problem[], strict: boolean): number {
  if (config === undefined) return EXIT.unusable;
  const bad: readonly Severity[] = strict ? ['error', 'warning'] : ['error'];
  return problems.some(({ severity }) => bad.includes(severity)) ? EXIT.failed : EXIT.ok;
}

function asText({ loaded: { path, config }, problems }: Checked, io: CliIo): string {
  const paint = paintFor(io.stdout, io.env);
  const groups = new Set(config?.deployments.map(({ group }) => group)).size;
  const size =
    config === undefined
      ? 'cannot be read'
      : `${plural(config.deployments.length, 'deployment')} in ${plural(groups, 'group')}`;
  const verdict = `${paint.strong(shownPath(path, io.cwd))}: ${countProblems(problems)} (${size})\n`;
  return renderProblems(problems, paint, io.cwd) + verdict;
}

function asSarif({ loaded, problems, status }: Checked, { io, identity }: CheckContext): string {
  const textOf = (path: string): string | undefined => {
    try {
      return io.readText(path);
    } catch {
      return undefined;
    }
  };
  const complete = loaded.config !== undefined;
  const log = sarifLog({
    problems: bySeverity(problems),
    configPath: loaded.path,
    cwd: io.cwd,
    version: identity.version,
    exitCode: status,
    complete,
    textOf,
  });
  return `${JSON.stringify(log, null, 2)}\n`;
}

function asJson({ loaded: { path, config }, problems, status }: Checked): string {
  const count = (wanted: Severity): number => problems.filter(({ severity }) => severity === wanted).length;
  const report = {
    config: path,
    config_version: config?.version ?? null,
    status,
    errors: count('error'),
    warnings: count('warning'),
    notes: count('note'),
    problems: bySeverity(problems).map(({ code, severity, message, hint, path: where, at }) => ({
      code,
      severity,
      message,
      hint: hint ?? null,
      path: where ?? null,
      file: at?.file ?? null,
      line: at?.line ?? null,
      column: at?.column ?? null,
    })),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function explainCode(code: string, json: boolean, io: CliIo): number {
  const codes = Object.keys(CATALOGUE);
  const wanted = code === 'all' ? codes : [code];
  const entries = wanted.flatMap((name) => {
    const entry = catalogueEntry(name);
    return entry === undefined ? [] : [{ code: name, ...entry }];
  });
  if (entries.length === 0) {
    const near = nearest(code, codes);
    throw new CliFailure(`There is no finding with the code ${JSON.stringify(code)}.`, {
      hint: near.length > 0 ? `Did you mean ${near.join(', ')}?` : '"waymark check --explain all" lists every code.',
    });
  }
  const paint = paintFor(io.stdout, io.env);
  const text = entries.map((entry) => {
    const start = entry.refusesStart === true ? ' The gateway does not start with it.' : '';
    const rows = [
      ['means', entry.meaning + start],
      ['mend', entry.mend],
    ];
    return `${paint.strong(entry.code)} (${entry.severity})\n${renderTable(rows, { indent: 2, width: io.stdout.columns })}`;
  });
  io.stdout.write(json ? `${JSON.stringify(entries, null, 2)}\n` : text.join('\n'));
  return EXIT.ok;
}
