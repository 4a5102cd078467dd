/**
 * What a key can get to, a second time and plainly: from the text of the tag reference and of `models`, without a line of the
 * program's own routing. Lists and filters; nothing compiled.
 */
import type { KeyRecord, ProjectRecord, TeamRecord } from '../../../src/accounts/contract.ts';
import type { Accounts, World, WorldDeployment } from './world.ts';

interface Holder {
  readonly key: KeyRecord;
  readonly team: TeamRecord | undefined;
  readonly project: ProjectRecord | undefined;
  readonly userModels: readonly string[];
}

interface PolicyTag {
  readonly marker: '' | '!' | '&';
  readonly name: string;
}

/** The key with all that binds it. */
export function holderOf(key: KeyRecord, accounts: Accounts): Holder {
  const user = accounts.users.find((one) => one.userId === key.userId);
  return {
    key,
    team: accounts.teams.find((one) => one.teamId === key.teamId),
    project: accounts.projects.find((one) => one.projectId === key.projectId),
    userModels: key.teamId === null ? (user?.models ?? []) : [],
  };
}

/** Ids of every deployment that some call of the key may be sent to. `names`: all names that calls ask for. */
export function plainClosure(world: World, holder: Holder, names: readonly string[]): Set<string> {
  const open = new Set(
    names.filter((name) => mayAsk(world, holder, name)).flatMap((name) => groupOf(world, name) ?? []),
  );
  const reached = world.groups.filter((group) => open.has(group)).flatMap((group) => poolOf(world, holder, group));
  return new Set(reached.map((one) => one.id));
}

/** The name after the aliases of the key and its team. */
export function renamed({ key, team }: Holder, name: string): string {
  const aliases = { ...team?.modelAliases, ...key.aliases };
  const target = Object.hasOwn(aliases, name) ? aliases[name] : undefined;
  return typeof target === 'string' ? target : name;
}

/** The group that would serve a name: alias, group, deployment id, wildcard. */
export function groupOf(world: World, name: string): string | undefined {
  const target = world.aliases.get(name) ?? name;
  if (world.groups.includes(target) && !target.includes('*')) return target;
  const byId = world.deployments.find((one) => one.id === target);
  return byId?.group ?? world.groups.find((group) => group.includes('*') && covers(group, target));
}

/** Whether the lists of models of every scope let the key ask for this name (after its own aliases). */
export function mayAsk(world: World, holder: Holder, asked: string): boolean {
  const name = renamed(holder, asked);
  const { key, team, project, userModels } = holder;
  const group = groupOf(world, name) ?? name;
  const isId = world.deployments.some((one) => one.id === name);
  const lists = [key.models, team?.models ?? [], project?.models ?? [], userModels];
  return lists.every((list) => {
    if (list.length === 0 || list.some((entry) => entry === '*' || entry.startsWith('all-'))) return true;
    return list.some((entry) => {
      const behind = world.deployments.some((one) => one.group === group && accessGroupMatches(entry, one));
      return behind || covers(entry, group) || (!isId && covers(entry, name));
    });
  });
}

function accessGroupMatches(entry: string, one: WorldDeployment): boolean {
  return one.accessGroups.some((name) => covers(entry, name));
}

function poolOf(world: World, holder: Holder, group: string): WorldDeployment[] {
  const all = world.deployments.filter((one) => one.group === group);
  const scopes = [holder.key, holder.team, holder.project].filter((one) => one !== undefined);
  const groupFlag = all.find((one) => one.enableTagFiltering !== undefined)?.enableTagFiltering;
  const filtering =
    scopes.some((one) => one.enableTagFiltering === true) || (groupFlag ?? world.settings.enableTagFiltering);
  if (!filtering) return all.filter((one) => !one.private);
  const steered = all.some((one) => one.tags.length > 0 || one.tagRegex.length > 0 || one.private);
  const policies = scopes.map((scope) => scope.tags.map(readTag).filter(({ name }) => !isAccounting(world, name)));
  const left = all.filter((one) => keepsConstraints(one, policies.flat()));
  const fenced = steered && world.settings.authority === 'fence' ? left.filter(inFence(world, all, policies)) : left;
  return fenced.filter((one) => !one.private || opens(world, holder, one));
}

function keepsConstraints(one: WorldDeployment, policy: readonly PolicyTag[]): boolean {
  return policy.every(({ marker, name }) => marker === '' || carries(one, name) === (marker === '&'));
}

function inFence(world: World, all: readonly WorldDeployment[], policies: readonly (readonly PolicyTag[])[]) {
  const plain = policies.map((tags) => tags.filter(({ marker }) => marker === '')).filter((tags) => tags.length > 0);
  const counting = plain.filter((tags) => tags.some(({ name }) => all.some((one) => carries(one, name))));
  return (one: WorldDeployment): boolean => {
    if (plain.length === 0) return true;
    if (counting.length === 0) return one.tags.includes('default');
    return counting.every((tags) => {
      const hits = tags.filter(({ name }) => carries(one, name)).length;
      return world.settings.matchAny ? hits > 0 : hits === tags.length;
    });
  };
}

/** A private deployment: by a policy tag, or by a caller tag that every list grants (where callers may send tags at all). */
function opens(world: World, { key, team, project }: Holder, one: WorldDeployment): boolean {
  const scopes = [key, team, project].filter((scope) => scope !== undefined);
  const policy = scopes.flatMap((scope) => scope.tags).map(readTag);
  const binding = policy.filter(({ marker, name }) => marker !== '!' && !isAccounting(world, name));
  if (binding.some(({ name }) => carries(one, name))) return true;
  const lists = scopes.flatMap((scope) => (scope.allowedTags === null ? [] : [scope.allowedTags]));
  if (lists.length === 0 || world.settings.rejectTags) return false;
  // The callers of these worlds send these names and no other.
  const sendable = [...world.tags, 'default'].filter((name) =>
    lists.every((list) => list.some((entry) => covers(entry, name))),
  );
  return sendable.some((name) => carries(one, name) && !isAccounting(world, name));
}

function isAccounting(world: World, name: string): boolean {
  return world.accountingTags.includes(name);
}

function readTag(text: string): PolicyTag {
  const marker = text.startsWith('!') ? '!' : text.startsWith('&') ? '&' : '';
  return { marker, name: text.slice(marker.length) };
}

/** A deployment's wildcard stands for every tag but `default`. */
export function carries(one: WorldDeployment, name: string): boolean {
  return one.tags.some((tag) => tag === name || (name !== 'default' && tag.includes('*') && covers(tag, name)));
}

/** `*` stands for any text, none included. */
export function covers(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\/]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}
