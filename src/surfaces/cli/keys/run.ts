import type { CliActions } from '../actions.ts';
import { CliFailure, EXIT, type CliIo } from '../io.ts';
import { paintFor } from '../paint.ts';
import { allPages, cellOf, gatewayAt, listOf, warnOf, type Answer } from '../running-gateway.ts';
import { renderTable } from '../table.ts';
import type { KeyCreateFlags, KeyListFlags, KeyRevokeFlags } from './command.ts';

/** `waymark keys create`: the key alone on standard output, so that a script can take it. */
export async function createKey(flags: KeyCreateFlags, actions: CliActions, io: CliIo): Promise<number> {
  const ask = gatewayAt(flags, actions, io);
  const made = await ask('POST', '/key/generate', {
    team_id: flags.team,
    user_id: flags.user,
    project_id: flags.project,
    key_alias: flags.alias,
    tags: listOf(flags.tags),
    allowed_tags: listOf(flags.allowedTags),
    models: listOf(flags.models),
    duration: flags.duration,
  });
  if (flags.json === true) {
    io.stdout.write(`${JSON.stringify(made, null, 2)}\n`);
    return EXIT.ok;
  }
  warnOf(made, io);
  io.stdout.write(`${String(made['key'])}\n`);
  return EXIT.ok;
}

/** `waymark keys list`. */
export async function listKeys(flags: KeyListFlags, actions: CliActions, io: CliIo): Promise<number> {
  const ask = gatewayAt(flags, actions, io);
  const filter = new URLSearchParams({ return_full_object: 'true', size: '500' });
  if (flags.team !== undefined) filter.set('team_id', flags.team);
  if (flags.user !== undefined) filter.set('user_id', flags.user);
  const keys = await allPages(ask, `/key/list?${filter.toString()}`, 'keys');
  io.stdout.write(flags.json === true ? `${JSON.stringify(keys, null, 2)}\n` : asTable(keys, io));
  return EXIT.ok;
}

function asTable(keys: readonly Answer[], io: CliIo): string {
  if (keys.length === 0) return 'There are no keys within your sight.\n';
  const paint = paintFor(io.stdout, io.env);
  const head = ['KEY', 'ALIAS', 'TEAM', 'TAGS', 'ENDS', 'HASH'].map(paint.strong);
  const rows = keys.map((key) => {
    const { key_name: name, key_alias: alias, team_id: team, tags, expires, token, blocked } = key;
    const ends = blocked === true ? 'blocked' : (expires ?? 'never');
    return [name, alias, team, (tags as readonly string[]).join(','), ends, token].map(cellOf);
  });
  return renderTable([head, ...rows]);
}

/** `waymark keys revoke`. */
export async function revokeKeys(
  named: readonly string[],
  flags: KeyRevokeFlags,
  { actions, io }: { readonly actions: CliActions; readonly io: CliIo },
): Promise<number> {
  const aliases = flags.alias ?? [];
  if (named.length + aliases.length === 0) {
    throw new CliFailure('No key was named.', {
      hint: 'Write its hash, or --alias NAME. "waymark keys list" shows both.',
    });
  }
  const ask = gatewayAt(flags, actions, io);
  const answer = await ask('POST', '/key/delete', { keys: named, key_aliases: aliases });
  const count = (answer['deleted_keys'] as readonly string[]).length;
  const text = `Revoked ${count} ${count === 1 ? 'key' : 'keys'}.`;
  io.stdout.write(flags.json === true ? `${JSON.stringify(answer, null, 2)}\n` : `${text}\n`);
  return EXIT.ok;
}
