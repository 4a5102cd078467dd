import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from '../workshop/root.ts';

/**
 * Makes `npx waymark` and `npx litellm` work in the checkout: npm links the programs of dependencies into
 * `node_modules/.bin`, but not those of the root package itself.
 */
export function linkBins(): void {
  const folder = inRoot('node_modules', '.bin');
  if (!existsSync(inRoot('node_modules'))) return;
  mkdirSync(folder, { recursive: true });
  for (const name of ['waymark', 'litellm']) {
    const link = join(folder, name);
    rmSync(link, { force: true });
    if (process.platform === 'win32') writeFileSync(`${link}.cmd`, '@node "%~dp0\\..\\..\\bin\\waymark.cjs" %*\r\n');
    else symlinkSync(join('..', '..', 'bin', 'waymark.cjs'), link);
  }
}
