#!/usr/bin/env node
import { readFileSync } from 'node:fs';

import manifest from '../package.json' with { type: 'json' };
import type { CliActions } from './surfaces/cli/actions.ts';
import type { CliIo, TextSink } from './surfaces/cli/io.ts';
import { runCli } from './surfaces/cli/program.ts';

function sinkOf(stream: NodeJS.WriteStream): TextSink {
  return { write: (text) => void stream.write(text), isTty: stream.isTTY, columns: stream.columns };
}

const io: CliIo = {
  stdout: sinkOf(process.stdout),
  stderr: sinkOf(process.stderr),
  env: process.env,
  cwd: process.cwd(),
  readText: (path) => readFileSync(path, 'utf8'),
};

const actions: CliActions = {
  onStopSignal(listener) {
    process.on('SIGTERM', listener);
    process.on('SIGINT', listener);
    return () => {
      process.off('SIGTERM', listener);
      process.off('SIGINT', listener);
    };
  },
  exitNow: (status) => process.exit(status),
};

process.exitCode = await runCli(
  process.argv.slice(2),
  { io, actions, identity: { version: manifest.version, litellmVersion: '1.106.2' } },
  [],
);
