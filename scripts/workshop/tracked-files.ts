import { spawnSync } from 'node:child_process';
import { existsSync, globSync, statSync } from 'node:fs';
import { inRoot, ROOT } from './root.ts';

const NOT_OURS = new Set(['node_modules', 'dist', 'coverage', '.cache', '.git']);

/** Paths, relative to the checkout and with `/`, of the files that belong to the project: tracked, or new and not ignored. */
export function projectFiles(): readonly string[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  // A downloaded archive has no git: everything in it that is not installed or built belongs to the project.
  if (listed.status !== 0) return filesOnDisk();
  return listed.stdout.split('\0').filter((file) => file !== '' && existsSync(inRoot(file)));
}

function filesOnDisk(): readonly string[] {
  const found = globSync('**/*', { cwd: ROOT, exclude: (name) => NOT_OURS.has(name) });
  return found.filter((file) => statSync(inRoot(file)).isFile()).map((file) => file.replaceAll('\\', '/'));
}
