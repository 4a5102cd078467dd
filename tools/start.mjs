#!/usr/bin/env node
// The first file of the built program. The build copies it to dist/waymark.mjs.
// Only syntax and imports that an old Node understands: it must live long enough to say which Node is needed.
import module from 'node:module';
import os from 'node:os';
import path from 'node:path';
import url from 'node:url';

const MINIMUM = [24, 11];
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < MINIMUM[0] || (major === MINIMUM[0] && minor < MINIMUM[1])) {
  process.stderr.write(`Waymark needs Node ${MINIMUM.join('.')} or newer; this is ${process.versions.node}.\n`);
  process.exit(1);
}

// Compiled code is kept beside the program, or in the user's own cache where that folder cannot be written. Never in the
// system's temporary folder: another user of the machine could put code of theirs there.
const beside = path.join(path.dirname(url.fileURLToPath(import.meta.url)), '.compile-cache');
const ofUser = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'waymark', 'compile-cache');
if (!process.env.NODE_COMPILE_CACHE && !process.env.NODE_DISABLE_COMPILE_CACHE) {
  const { FAILED } = module.constants.compileCacheStatus;
  if (module.enableCompileCache(beside).status === FAILED) module.enableCompileCache(ofUser);
}

await import('./main.mjs');
