import { Option, type Command } from 'commander';

/**
 * Flags of LiteLLM's command line that change nothing here: tuning of its Python servers and of its database migrations,
 * and defaults of its mode without a config. They are accepted, so that a start line keeps working, and named at start.
 */
const WITHOUT_EFFECT: readonly string[] = [
  '--run-gunicorn',
  '--run-hypercorn',
  '--run-granian',
  '--granian-threads <n>',
  '--keepalive-timeout <seconds>',
  '--timeout-worker-healthcheck <seconds>',
  '--max-requests-before-restart <n>',
  '--max-requests-before-restart-jitter <n>',
  '--limit-concurrency <n>',
  '--use-prisma-db-push',
  '--use-legacy-migration-resolver',
  '--use-v2-migration-resolver',
  '--enforce-prisma-migration-check',
  '--iam-token-db-auth',
  '--azure-postgresql-auth',
  '--log-config <path>',
  '--prometheus-metrics-port <n>',
  '--reload',
  '--use-queue',
  '--local',
  '--telemetry <value>',
  '--alias <name>',
  '--headers <json>',
  '--temperature <n>',
  '--max-tokens <n>',
  '--request-timeout <seconds>',
  '--max-budget <n>',
  '--drop-params',
  '--add-function-to-prompt',
  '--add-key <key>',
  '--save',
  '--num-requests <n>',
];

const NO_TLS = 'Waymark does not serve TLS itself yet: put a proxy that does in front of it.';
const NO_SINGLE_MODEL = 'Waymark serves a config: write the model into model_list and name the file with --config.';

/** Flags that ask for something else than a gateway on a config: starting one regardless would be wrong. */
const REFUSED: readonly (readonly [flag: string, why: string])[] = [
  ['-m, --model <name>', NO_SINGLE_MODEL],
  ['--api-base <url>', NO_SINGLE_MODEL],
  ['--api-version <version>', NO_SINGLE_MODEL],
  ['--health', 'Ask the running gateway: curl http://localhost:4000/health/readiness'],
  ['--test', 'Send a call with curl; "waymark demo" prints three to copy.'],
  ['--test-async', 'Send a call with curl; "waymark demo" prints three to copy.'],
  ['--setup', 'Write a config; "waymark check" says what is wrong with it.'],
  ['--ssl-keyfile-path <path>', NO_TLS],
  ['--ssl-certfile-path <path>', NO_TLS],
  ['--ciphers <list>', NO_TLS],
];

/** Adds LiteLLM's other flags to a command, unlisted in its help. */
export function addLitellmFlags(command: Command): Command {
  for (const flag of [...WITHOUT_EFFECT, ...REFUSED.map(([name]) => name)]) {
    command.addOption(new Option(flag).hideHelp());
  }
  return command;
}

/** Which of LiteLLM's flags a command line holds that have no effect here, and which must be refused. */
export function litellmFlagsGiven(flags: Readonly<Record<string, unknown>>): {
  readonly withoutEffect: readonly string[];
  readonly refused: readonly { readonly flag: string; readonly why: string }[];
} {
  const given = new Set(Object.keys(flags));
  const isGiven = (flag: string): boolean => given.has(new Option(flag).attributeName());
  return {
    withoutEffect: WITHOUT_EFFECT.filter(isGiven).map(longName),
    refused: REFUSED.filter(([flag]) => isGiven(flag)).map(([flag, why]) => ({ flag: longName(flag), why })),
  };
}

function longName(flag: string): string {
  return new Option(flag).long ?? flag;
}
