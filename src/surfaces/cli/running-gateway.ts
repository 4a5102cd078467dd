import type { Command } from 'commander';
import type { CliActions } from './actions.ts';
import { withDotEnv } from './dot-env.ts';
import { CliFailure, EXIT, type CliIo } from './io.ts';

/** The flags of every command that asks a running gateway. */
export interface GatewayFlags {
  readonly baseUrl?: string;
  readonly key?: string;
  readonly json?: boolean;
}

/** For the help of those commands. */
export const GATEWAY_HELP = `
The gateway is that of --base-url or WAYMARK_URL (default http://localhost:4000). The key is WAYMARK_KEY, else
LITELLM_MASTER_KEY; one given with --key shows in the list of processes.

Exit status:
  0  done
  1  the gateway refused, failed, or does not answer
  2  the command line is wrong
`;

export function addGatewayFlags(command: Command): Command {
  return command
    .option('--base-url <url>', 'address of the gateway (or WAYMARK_URL; default http://localhost:4000)')
    .option('--key <key>', 'key to ask with (or WAYMARK_KEY, LITELLM_MASTER_KEY)')
    .option('--json', "print the gateway's answer as JSON, for machines");
}

/** Asks one thing and gives the parsed answer. Throws a CliFailure that says what the gateway said. */
export type Ask = (method: 'GET' | 'POST', path: string, body?: object) => Promise<Answer>;

export type Answer = Readonly<Record<string, unknown>>;

export function gatewayAt(flags: GatewayFlags, actions: CliActions, given: CliIo): Ask {
  const { env } = withDotEnv(given);
  const base = baseUrl(filled(flags.baseUrl) ?? filled(env['WAYMARK_URL']) ?? 'http://localhost:4000');
  const key = filled(flags.key) ?? filled(env['WAYMARK_KEY']) ?? filled(env['LITELLM_MASTER_KEY']);
  if (key === undefined) {
    throw new CliFailure('There is no key to ask with.', {
      hint: 'Set WAYMARK_KEY to the master key, or to a key of an administrator.',
    });
  }
  return async (method, path, body) => {
    const question = { method, url: base + path, key, ...(body === undefined ? {} : { body }) };
    const { status, text } = await actions.askGateway(question).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw new CliFailure(`No gateway answers at ${base}: ${why}`, {
        status: EXIT.failed,
        hint: 'Start one with "waymark --config FILE", or name another with --base-url.',
      });
    });
    return answerOf(status, text, base);
  };
}

function baseUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text.replace(/\/+$/, '');
  throw new CliFailure('The address of the gateway is no http or https URL.', { hint: 'Write http://localhost:4000' });
}

function answerOf(status: number, text: string, base: string): Answer {
  const body = parsed(text);
  if (status === 200 && body !== undefined) return body;
  const error = body?.['error'] as { readonly message?: unknown } | undefined;
  const said = typeof error?.message === 'string' ? error.message : 'What answered is no Waymark gateway.';
  throw new CliFailure(said, { status: EXIT.failed, hint: `${base} answered ${status}.` });
}

function parsed(text: string): Answer | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Answer) : undefined;
  } catch {
    return undefined;
  }
}

function filled(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}

/** `a,b` as a list; undefined stays. */
export function listOf(text: string | undefined): readonly string[] | undefined {
  return text
    ?.split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

/** What the gateway warns of, a line each, where a person reads along. */
export function warnOf(answer: Answer, io: CliIo): void {
  const { warnings } = answer;
  if (Array.isArray(warnings)) for (const warning of warnings) io.stderr.write(`Note: ${String(warning)}\n`);
}

/** All entries of a list that has pages. */
export async function allPages(ask: Ask, path: string, name: string): Promise<readonly Answer[]> {
  const entries: Answer[] = [];
  let cursor: unknown = null;
  do {
    const next = typeof cursor === 'string' ? `&cursor=${encodeURIComponent(cursor)}` : '';
    const page = await ask('GET', path + next);
    entries.push(...(page[name] as Answer[]));
    cursor = page['next_cursor'];
  } while (typeof cursor === 'string');
  return entries;
}

/** A text of an answer for a table; what is no text leaves the cell empty. */
export function cellOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
