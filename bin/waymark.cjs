#!/usr/bin/env node
'use strict';
// `waymark` and `litellm` in a checkout: the built program, on a Node that can run it.
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { ownNodeIsEnough, run } = require('../tools/node.cjs');

const entry = join(__dirname, '..', 'dist', 'waymark.mjs');
if (!existsSync(entry)) {
  process.stderr.write(`${entry} is missing. Run "npm run build" in the checkout first.\n`);
  process.exit(1);
}
// Loading in place saves a process where the running Node is new enough.
if (ownNodeIsEnough()) void import(pathToFileURL(entry).href);
else run([entry, ...process.argv.slice(2)]);
