import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { inRoot, ROOT } from './root.ts';

/** Paths, relative to the checkout, of the files that belong to the project: tracked, or new and not ignored. */
export function projectFiles(): readonly string[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (listed.status !== 0) throw new Error(`git ls-files failed in ${ROOT}: ${listed.stderr}`);
  return listed.stdout.split('\0').filter((file) => file !== '' && existsSync(inRoot(file)));
}
