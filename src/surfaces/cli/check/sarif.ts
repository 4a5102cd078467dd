import { relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

import { catalogueEntry } from '../../../config/check/catalogue.ts';
import type { Problem } from '../../../core/base/problem.ts';
import { lineHashes } from './line-hashes.ts';

/** What a report is made of. */
export interface SarifInput {
  /** In the order in which they are to be shown. */
  readonly problems: readonly Problem[];
  /** The main config file: where findings stand that have no place of their own. Absolute. */
  readonly configPath: string;
  readonly cwd: string;
  readonly version: string;
  readonly exitCode: number;
  /** False: the config could not be read, so that the findings are not all. */
  readonly complete: boolean;
  /** Text of a file, undefined where it cannot be read. */
  textOf(path: string): string | undefined;
}

type Json = Readonly<Record<string, unknown>>;

/** The base that relative addresses count from; code hosts take it for the checkout. */
const BASE = '%SRCROOT%';

/** The findings as a log of SARIF 2.1.0 (OASIS), with what code hosts ask for on top: rules with help, positions, fingerprints. */
export function sarifLog(input: SarifInput): Json {
  const codes = [...new Set(input.problems.map(({ code }) => code))].sort((a, b) => a.localeCompare(b, 'en'));
  const { version, exitCode, complete } = input;
  const run = {
    tool: { driver: { name: 'Waymark', semanticVersion: version, rules: codes.map(ruleOf) } },
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: { [BASE]: { description: { text: 'The folder in which waymark check was started.' } } },
    invocations: [{ executionSuccessful: complete, exitCode }],
    results: resultsOf(input, codes),
  };
  return { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
}

function ruleOf(code: string): Json {
  const entry = catalogueEntry(code);
  if (entry === undefined) return { id: code };
  const start = entry.refusesStart === true ? ' The gateway does not start with it.' : '';
  return {
    id: code,
    shortDescription: { text: entry.meaning },
    fullDescription: { text: entry.meaning + start },
    help: { text: entry.mend, markdown: `${entry.meaning}${start}\n\n${entry.mend}` },
    defaultConfiguration: { level: entry.severity },
    properties: { tags: ['config'] },
  };
}

function resultsOf(input: SarifInput, codes: readonly string[]): readonly Json[] {
  const hashes = new Map<string, ReadonlyMap<number, string>>();
  const hashOf = (file: string, line: number): string | undefined => {
    const known = hashes.get(file) ?? lineHashes(input.textOf(file) ?? '');
    hashes.set(file, known);
    return known.get(line);
  };
  return input.problems.map((problem) => {
    const { code, severity, message, hint, path } = problem;
    const at = problem.at ?? { file: input.configPath, line: 1, column: 1 };
    const hash = hashOf(at.file, at.line);
    return {
      ruleId: code,
      ruleIndex: codes.indexOf(code),
      level: severity,
      message: { text: hint === undefined ? message : `${message} ${hint}` },
      locations: [
        {
          physicalLocation: {
            artifactLocation: addressOf(at.file, input.cwd),
            region: { startLine: at.line, startColumn: at.column },
          },
          ...(path === undefined ? {} : { logicalLocations: [{ fullyQualifiedName: path }] }),
        },
      ],
      ...(hash === undefined ? {} : { partialFingerprints: { primaryLocationLineHash: hash } }),
    };
  });
}

/** Relative to the working folder where the file lies below it, else a `file:` URL. Percent-encoded both ways. */
function addressOf(file: string, cwd: string): Json {
  const near = relative(cwd, file);
  const below = near !== '' && near.split(sep)[0] !== '..' && near !== file;
  if (!below) return { uri: pathToFileURL(file).href };
  return { uri: near.split(sep).map(encodeURIComponent).join('/'), uriBaseId: BASE };
}
