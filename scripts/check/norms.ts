import { readFileSync } from 'node:fs';
import { inRoot } from '../workshop/root.ts';
import type { Step } from '../workshop/steps.ts';
import { walkSyntax, type SyntaxNode } from '../workshop/syntax.ts';
import { projectFiles } from '../workshop/tracked-files.ts';

/** Lines: the most that the middle one and the one in ten may have. The caps (400 and 80) are lint rules. */
const FILE_NORM: Norm = { what: 'file', median: 100, p90: 250 };
const FUNCTION_NORM: Norm = { what: 'function', median: 12, p90: 40 };
const FORBIDDEN_FOLDER = /(?:^|\/)(?:utils?|common|helpers?|shared|misc|lib)\//;
const MEASURED = /^(?:src|scripts|bench|web\/src)\/.*\.tsx?$/;
const NOT_MEASURED = /\.test\.tsx?$|\.d\.ts$/;

interface Norm {
  readonly what: string;
  readonly median: number;
  readonly p90: number;
}

/** Lengths in lines of the named functions and methods of a file: callbacks are part of the function around them. */
export function functionLengths(file: string, text: string): readonly number[] {
  const lengths: number[] = [];
  walkSyntax(file, text, (node, parent) => {
    if (isNamedFunction(node, parent)) lengths.push(text.slice(node.start, node.end).split('\n').length);
  });
  return lengths;
}

const NAMING_PARENTS = new Set(['VariableDeclarator', 'MethodDefinition', 'PropertyDefinition', 'Property']);

function isNamedFunction(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (node.type === 'FunctionDeclaration') return true;
  const isExpression = node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression';
  return isExpression && parent !== undefined && NAMING_PARENTS.has(parent.type);
}

/** The value that `share` (0 to 1) of the sorted `values` do not exceed; 0 of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function judge(lengths: readonly number[], norm: Norm): { readonly ok: boolean; readonly text: string } {
  const [median, p90] = [quantile(lengths, 0.5), quantile(lengths, 0.9)];
  const text = `${norm.what} median ${median} (at most ${norm.median}), p90 ${p90} (at most ${norm.p90})`;
  return { ok: median <= norm.median && p90 <= norm.p90, text };
}

export const norms: Step = {
  name: 'norms',
  async run() {
    const files = projectFiles();
    const folders = files.filter((file) => FORBIDDEN_FOLDER.test(file));
    const measured = files.filter((file) => MEASURED.test(file) && !NOT_MEASURED.test(file));
    const texts = measured.map((file) => ({ file, text: readFileSync(inRoot(file), 'utf8') }));
    const fileVerdict = judge(
      texts.map(({ text }) => text.trimEnd().split('\n').length),
      FILE_NORM,
    );
    const functionVerdict = judge(
      texts.flatMap(({ file, text }) => functionLengths(file, text)),
      FUNCTION_NORM,
    );
    const named = folders.map((file) => `${file}: name a folder for what it holds.`);
    return {
      ok: fileVerdict.ok && functionVerdict.ok && named.length === 0,
      output: [fileVerdict.text, functionVerdict.text, ...named].join('\n'),
      note: `${measured.length} files; ${fileVerdict.text}; ${functionVerdict.text}`,
    };
  },
};
