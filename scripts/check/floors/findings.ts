import { posix } from 'node:path';
import { lineAt, walkSyntax, type SyntaxNode } from '../../workshop/syntax.ts';
import { forbiddenImport, forbiddenPackage, roomOf, type Room } from './rooms.ts';

const IMPURE = new Map([
  ['Date', 'The clock arrives as an argument.'],
  ['performance', 'The clock arrives as an argument.'],
  ['crypto', 'Randomness arrives as an argument.'],
  ['process', 'The environment arrives as an argument.'],
  ['console', 'core does not log: return what happened.'],
  ['fetch', 'core does no I/O.'],
  ['require', 'core imports statically.'],
  ['globalThis', 'core has no globals.'],
]);
const WAITING = /^(?:setTimeout|setInterval|setImmediate|queueMicrotask|Promise)$/;
const IMPORTING = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
]);

/** What a file of src/ imports or does that its floor forbids: `path:line: what and what to do instead`. */
export function floorFindings(file: string, text: string): readonly string[] {
  const room = roomOf(file);
  if (room === undefined) return [`${file}:1: no room of that name; ARCHITECTURE.md lists them.`];
  const findings: string[] = [];
  walkSyntax(file, text, (node, parent) => {
    const found = judgeImport(file, room, node) ?? (room.floor <= 1 ? judgePurity(node, parent) : undefined);
    if (found !== undefined) findings.push(`${file}:${lineAt(text, node.start)}: ${found}`);
  });
  return findings;
}

function judgeImport(file: string, room: Room, node: SyntaxNode): string | undefined {
  if (!IMPORTING.has(node.type)) return undefined;
  const source = (node['source'] ?? node['argument']) as SyntaxNode | null | undefined;
  if (source === null || source === undefined) return undefined;
  const name = source['value'];
  if (typeof name !== 'string')
    return 'An import whose target is worked out at run time cannot be checked. Name the file.';
  const advice = name.startsWith('.') ? judgeRelative(file, room, name) : forbiddenPackage(room, name);
  return advice === undefined ? undefined : `imports ${name}. ${advice}`;
}

function judgeRelative(file: string, room: Room, name: string): string | undefined {
  const target = posix.join(posix.dirname(file), name);
  if (target === 'package.json' && room.floor === 6) return undefined;
  return forbiddenImport(room, roomOf(target));
}

function judgePurity(node: SyntaxNode, parent: SyntaxNode | undefined): string | undefined {
  if (node.type === 'AwaitExpression' || node['async'] === true || node['await'] === true)
    return 'awaits. core never waits.';
  if (node.type === 'MemberExpression' && isMathRandom(node))
    return 'uses Math.random. Randomness arrives as an argument.';
  if (node.type !== 'Identifier' || isMerelyAName(node, parent)) return undefined;
  const name = String(node['name']);
  if (WAITING.test(name)) return `uses ${name}. core never waits.`;
  const advice = IMPURE.get(name);
  return advice === undefined ? undefined : `uses ${name}. ${advice}`;
}

function isMathRandom(node: SyntaxNode): boolean {
  const object = node['object'] as SyntaxNode;
  const property = node['property'] as SyntaxNode;
  return object['name'] === 'Math' && (property['name'] === 'random' || property['value'] === 'random');
}

/** `x.Date`, `{ Date: 1 }`: a name of something else, not the global. */
function isMerelyAName(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (parent === undefined || parent['computed'] === true) return false;
  return parent['property'] === node || (parent['key'] === node && parent['shorthand'] !== true);
}
