'use strict';
// Runs a script with the Node that the project brings (node_modules/node-*/bin/node), whatever the machine's own Node is.
// CommonJS and old syntax on purpose: this file must load on any Node that npm still supports.
// npm below 11.6 does not link .bin/node when several node-* packages are listed, hence the search by folder.
const { spawn } = require('node:child_process');
const { existsSync, readdirSync } = require('node:fs');
const { join } = require('node:path');

const MINIMUM = [24, 11];
const root = join(__dirname, '..');

/** True when the running Node is new enough to run the project itself. */
function ownNodeIsEnough() {
  const parts = process.versions.node.split('.').map(Number);
  return parts[0] > MINIMUM[0] || (parts[0] === MINIMUM[0] && parts[1] >= MINIMUM[1]);
}

/** Path of the Node binary that `npm ci` brought, or undefined. */
function bundledNode() {
  const modules = join(root, 'node_modules');
  if (!existsSync(modules)) return undefined;
  for (const name of readdirSync(modules)) {
    if (!name.startsWith('node-')) continue;
    for (const file of ['bin/node', 'bin/node.exe']) {
      const path = join(modules, name, file);
      if (existsSync(path)) return path;
    }
  }
  return undefined;
}

/** The Node to use: the project's own, else the running one when it is new enough. */
function chooseNode() {
  const bundled = bundledNode();
  if (bundled !== undefined) return bundled;
  if (ownNodeIsEnough()) return process.execPath;
  process.stderr.write(
    `Waymark needs Node ${MINIMUM.join('.')} or newer; this is ${process.versions.node}. Run "npm ci" in ${root}, which brings one.\n`,
  );
  process.exit(1);
}

/** Runs `node ...args` with the project's Node and ends with its exit status or signal. */
function run(args) {
  const child = spawn(chooseNode(), args, { stdio: 'inherit' });
  const forward = (signal) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'];
  for (const signal of signals) process.on(signal, forward);
  child.on('error', (error) => {
    process.stderr.write(`Could not start Node: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal !== null) {
      for (const name of signals) process.removeListener(name, forward);
      process.kill(process.pid, signal);
      return;
    }
    process.exit(code === null ? 1 : code);
  });
}

module.exports = { MINIMUM, ownNodeIsEnough, run };

if (require.main === module) run(process.argv.slice(2));
