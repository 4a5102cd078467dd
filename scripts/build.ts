// `npm run build`, and `prepare` of `npm ci`: the program in dist/, the publishable package in dist/package/.
import { chmodSync, cpSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundleProgram } from './build/bundle.ts';
import { linkBins } from './build/link-bins.ts';
import { writePackage } from './build/package.ts';
import { inRoot } from './workshop/root.ts';

const started = performance.now();
linkBins();
await buildProgram();
const seconds = ((performance.now() - started) / 1000).toFixed(1);
process.stdout.write(`Built dist/waymark.mjs and dist/package in ${seconds} s.\n`);

/** Builds into a folder beside dist/ and swaps it in, so that a failed build leaves the last good one in place. */
async function buildProgram(): Promise<void> {
  const next = inRoot('.cache', `build-${process.pid}`);
  try {
    const files = await bundleProgram(next);
    cpSync(inRoot('tools', 'start.mjs'), join(next, 'waymark.mjs'));
    chmodSync(join(next, 'waymark.mjs'), 0o755);
    mkdirSync(join(next, 'chunks'), { recursive: true });
    writePackage(next, files);
    rmSync(inRoot('dist'), { recursive: true, force: true });
    renameSync(next, inRoot('dist'));
  } finally {
    rmSync(next, { recursive: true, force: true });
  }
}
