import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { inRoot } from '../../scripts/workshop/root.ts';
import { walkSyntax, type SyntaxNode } from '../../scripts/workshop/syntax.ts';
import { projectFiles } from '../../scripts/workshop/tracked-files.ts';

/** The names that a file imports from `from`, types left out; `*` for a whole module. */
function importedNames(file: string, from: string): readonly string[] {
  const names: string[] = [];
  walkSyntax(file, readFileSync(inRoot(file), 'utf8'), (node) => {
    if (node.type !== 'ImportDeclaration' || node['importKind'] === 'type') return;
    if ((node['source'] as SyntaxNode)['value'] !== from) return;
    for (const one of node['specifiers'] as readonly SyntaxNode[]) {
      const imported = one['imported'] as { readonly name: string } | undefined;
      if (one['importKind'] !== 'type') names.push(imported?.name ?? '*');
    }
  });
  return names;
}

test("the build's parts of undici are all that the program imports, and are undici's own", () => {
  const files = projectFiles().filter((file) => /^src\/.*\.ts$/.test(file) && !file.endsWith('.test.ts'));
  const imported = new Set(files.flatMap((file) => importedNames(file, 'undici')));
  const require = createRequire(import.meta.url);
  const parts = require('../../scripts/build/undici-parts.cjs') as Record<string, unknown>;
  const whole = require('undici') as Record<string, unknown>;
  expect(new Set(Object.keys(parts))).toEqual(imported);
  for (const [name, part] of Object.entries(parts)) expect([name, part === whole[name]]).toEqual([name, true]);
});
