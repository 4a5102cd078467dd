import { parseAst } from 'rolldown/parseAst';

/** A node of the syntax tree: its type, its place in the text (UTF-16 offsets), and its children under their names. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [child: string]: unknown;
}

/** Calls `visit` for every node of a TypeScript file, parents first. */
export function walkSyntax(
  file: string,
  text: string,
  visit: (node: SyntaxNode, parent: SyntaxNode | undefined) => void,
): void {
  walk(parseAst(text, { lang: file.endsWith('x') ? 'tsx' : 'ts' }), undefined);

  function walk(value: unknown, parent: SyntaxNode | undefined): void {
    if (Array.isArray(value)) {
      for (const each of value) walk(each, parent);
      return;
    }
    if (!isSyntaxNode(value)) return;
    visit(value, parent);
    for (const child of Object.values(value)) {
      if (typeof child === 'object' && child !== null) walk(child, value);
    }
  }
}

function isSyntaxNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

/** Line of an offset, from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}
