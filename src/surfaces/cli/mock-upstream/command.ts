import { InvalidArgumentError } from 'commander';

import type { CommandAdder } from '../program.ts';
import { readPort } from '../serve/address.ts';

/** The flags of `waymark mock-upstream`. */
export interface MockUpstreamFlags {
  readonly port: number;
  readonly host: string;
  readonly name: string;
  readonly models?: readonly string[];
  readonly seed: number;
  readonly timeToFirstToken?: string;
  readonly tokensPerSecond?: number;
  readonly answerTokens?: string;
  readonly errors?: string;
  readonly retryAfter?: number;
  readonly cutStreams?: number;
  /** False for `--no-usage`. */
  readonly usage: boolean;
  readonly readBytesPerSecond?: number;
  readonly embeddingDimensions?: number;
  readonly json?: boolean;
}

const MORE = `
A spread is a number (fixed), uniform:LOWEST:HIGHEST, or lognormal:MEDIAN:SIGMA.

Examples:
  waymark mock-upstream --port 9000
  waymark mock-upstream --port 9000 --name slow --time-to-first-token lognormal:300:0.5 --tokens-per-second 40
  waymark mock-upstream --port 9000 --errors 429:0.1,500:0.05 --cut-streams 0.02 --seed 7
  curl http://localhost:9000/v1/chat/completions -H "Content-Type: application/json" \\
    -d '{"model": "any", "messages": [{"role": "user", "content": "Hello"}]}'

Exit status:
  0  stopped by SIGTERM or SIGINT
  1  the address could not be had
  2  the command line is wrong

Point a deployment's api_base at http://localhost:9000/v1. No key is asked for, and any model is served.
`;

/** `waymark mock-upstream`. */
export const addMockUpstream: CommandAdder = (program, { io, actions }, finish) => {
  program
    .command('mock-upstream')
    .summary('run a simulated OpenAI-compatible upstream')
    .description(
      'Runs a simulated upstream: chat and all that stands beside it; JSON, streams, forms, bytes. For trying and load-testing.',
    )
    .option('--port <number>', 'port to listen on; 0 takes any free one', readPort, 9000)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--name <text>', 'says in every answer which upstream it was', 'simulator')
    .option('--models <list>', 'names that GET /v1/models lists, separated by commas', readNames)
    .option('--seed <number>', 'the same seed gives request number n the same answer', readWhole, 1)
    .option('--time-to-first-token <spread>', 'milliseconds before the first byte of an answer (default 0)')
    .option('--tokens-per-second <number>', 'pace of answers (default: as fast as possible)', readAmount)
    .option('--answer-tokens <spread>', 'length of answers in tokens (default 24)')
    .option('--errors <shares>', 'share of requests that fail, by status: 429:0.1,500:0.05')
    .option('--retry-after <seconds>', 'Retry-After of 429 and 503 answers (default 1)', readAmount)
    .option('--cut-streams <share>', 'share of streams whose connection is cut before the end: 0.02', readShare)
    .option('--no-usage', 'never tell the usage')
    .option('--read-bytes-per-second <number>', 'read requests slowly (default: as fast as possible)', readAmount)
    .option('--embedding-dimensions <number>', 'length of embeddings (default 1536)', readWhole)
    .option('--json', 'print the address as one line of JSON, for machines')
    .addHelpText('after', MORE)
    .action(
      finish(async (flags: MockUpstreamFlags) => {
        const { runMockUpstream } = await import('./run.ts');
        return runMockUpstream(flags, { io, actions });
      }),
    );
};

function readNames(text: string): string[] {
  return text.split(',').filter((name) => name !== '');
}

function readAmount(text: string): number {
  const amount = Number(text);
  if (text.trim() === '' || !Number.isFinite(amount) || amount < 0) {
    throw new InvalidArgumentError('Write a number, 0 or more.');
  }
  return amount;
}

function readWhole(text: string): number {
  const amount = readAmount(text);
  if (!Number.isSafeInteger(amount)) throw new InvalidArgumentError('Write a whole number, 0 or more.');
  return amount;
}

function readShare(text: string): number {
  const share = readAmount(text);
  if (share > 1) throw new InvalidArgumentError('Write a share from 0 to 1, for example 0.02.');
  return share;
}
