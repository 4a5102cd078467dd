/** Small worlds of groups, teams and keys for properties over sockets. Every name is unique, so that a leak can be seen in any text. */
import type { KeyRecord, ProjectRecord, TeamRecord, UserRecord } from '../../../src/accounts/contract.ts';
import { keyRecord, projectRecord, teamRecord, userRecord } from '../account-records.ts';
import { Dice } from './dice.ts';

export interface WorldDeployment {
  readonly id: string;
  readonly group: string;
  /** Place of its upstream among those of the test. */
  readonly upstream: number;
  readonly upstreamModel: string;
  readonly tags: readonly string[];
  readonly tagRegex: readonly string[];
  readonly private: boolean;
  readonly allowFailOpen: boolean;
  readonly enableTagFiltering: boolean | undefined;
  readonly accessGroups: readonly string[];
}

export interface WorldSettings {
  readonly enableTagFiltering: boolean;
  readonly matchAny: boolean;
  readonly prefix: string;
  readonly authority: 'fence' | 'union';
  readonly rejectTags: boolean;
}

export interface World {
  readonly seed: number;
  readonly settings: WorldSettings;
  /** Names of tags; `default` is not among them. */
  readonly tags: readonly string[];
  readonly accountingTags: readonly string[];
  readonly restrictedTags: readonly string[];
  readonly groups: readonly string[];
  readonly deployments: readonly WorldDeployment[];
  readonly aliases: ReadonlyMap<string, string>;
  readonly accessGroups: readonly string[];
  readonly fallbacks: readonly (readonly [string, string])[];
  readonly accounts: Accounts;
}

export interface Accounts {
  readonly teams: readonly TeamRecord[];
  readonly projects: readonly ProjectRecord[];
  readonly users: readonly UserRecord[];
  /** By the name that `keyRecord` makes `sk-<name>` of. */
  readonly keys: ReadonlyMap<string, KeyRecord>;
}

export const UPSTREAMS = 14;

export function makeWorld(seed: number): World {
  const dice = new Dice(seed);
  const tags = Array.from({ length: 6 }, () => dice.name('tag'));
  const settings = makeSettings(dice);
  const groups = [...Array.from({ length: 4 }, () => dice.name('group')), `${dice.name('wild')}/*`];
  const accessGroups = [dice.name('access'), dice.name('access')];
  const deployments = Array.from({ length: UPSTREAMS }, (_, index) =>
    makeDeployment(dice, { index, tags, accessGroups, group: groups[index % groups.length] ?? '' }),
  );
  const aliases = new Map(Array.from({ length: 2 }, () => [dice.name('alias'), dice.one(groups.slice(0, 4))]));
  const partial = {
    seed,
    settings,
    tags,
    accountingTags: dice.chance(30) ? [dice.one(tags)] : [],
    restrictedTags: dice.some(tags, 2),
    groups,
    deployments,
    aliases,
    accessGroups,
    fallbacks: groups.slice(0, 3).map((group) => [group, dice.one(groups)] as const),
  };
  return { ...partial, accounts: makeAccounts(dice, partial) };
}

function makeSettings(dice: Dice): WorldSettings {
  return {
    enableTagFiltering: dice.chance(90),
    matchAny: dice.chance(70),
    prefix: dice.chance(20) ? 'route:' : '',
    authority: dice.chance(85) ? 'fence' : 'union',
    rejectTags: dice.chance(10),
  };
}

interface Place {
  readonly index: number;
  readonly group: string;
  readonly tags: readonly string[];
  readonly accessGroups: readonly string[];
}

function makeDeployment(dice: Dice, { index, group, tags, accessGroups }: Place): WorldDeployment {
  const carried = dice.some(tags, 2);
  if (dice.chance(25)) carried.push('default');
  // A wildcard that covers some tags of the world: names start alike and go on differently.
  if (dice.chance(10)) carried.push(`${dice.one(tags).slice(0, dice.between(4, 8))}*`);
  return {
    id: dice.name('deployment'),
    group,
    upstream: index,
    upstreamModel: dice.name('served'),
    tags: carried,
    tagRegex: dice.chance(15) ? [dice.one(['curl', '^User-Agent: cl'])] : [],
    private: dice.chance(20),
    allowFailOpen: dice.chance(15),
    enableTagFiltering: dice.chance(8) ? dice.chance(50) : undefined,
    accessGroups: dice.chance(30) ? [dice.one(accessGroups)] : [],
  };
}

type Names = Omit<World, 'accounts'>;

function makeAccounts(dice: Dice, names: Names): Accounts {
  const teams = Array.from({ length: 3 }, () => teamRecord(dice.name('team'), makeTeam(dice, names)));
  const projects = teams
    .slice(0, 2)
    .map((team) => projectRecord(dice.name('project'), team.teamId, makeGrant(dice, names)));
  const users = [userRecord(dice.name('user'), { models: dice.chance(50) ? makeModels(dice, names) : [] })];
  const keys = new Map<string, KeyRecord>();
  for (let made = 0; made < 8; made += 1) {
    const name = dice.name('key');
    const team = dice.chance(70) ? dice.one(teams) : undefined;
    const project = projects.find((one) => one.teamId === team?.teamId && dice.chance(50));
    const user = dice.chance(30) ? dice.one(users) : undefined;
    const grant = makeGrant(dice, names);
    // A new name, or one that is there already and now means another.
    const alias = dice.chance(70) ? dice.name('own-alias') : dice.one(names.groups.slice(0, 4));
    const renames = dice.chance(40);
    const models = grant.models ?? [];
    keys.set(
      name,
      keyRecord(name, {
        ...grant,
        // Naming the alias itself must open nothing: what it stands for is what counts.
        models: renames && models.length > 0 && dice.chance(50) ? [...models, alias] : models,
        teamId: team?.teamId ?? null,
        projectId: project?.projectId ?? null,
        userId: user?.userId ?? null,
        aliases: renames ? { [alias]: dice.one(modelsOf(names)) } : {},
      }),
    );
  }
  return { teams, projects, users, keys };
}

/** What a team says: a team's aliases lie over those of the config. */
export function makeTeam(dice: Dice, names: Names): Partial<TeamRecord> {
  const aliases = dice.chance(30) ? { [dice.name('team-alias')]: dice.one(modelsOf(names)) } : {};
  return { ...makeGrant(dice, names), modelAliases: aliases };
}

/** Tags, allowed tags and models of one scope. */
export function makeGrant(dice: Dice, names: Names): Partial<Pick<KeyRecord, keyof typeof NO_GRANT>> {
  const markers = ['', '', '', '!', '&'];
  return {
    tags: dice.chance(60) ? dice.some(names.tags, 2).map((tag) => dice.one(markers) + tag) : [],
    allowedTags: dice.chance(35)
      ? dice.some([...names.tags, 'default', `${dice.one(names.tags).slice(0, 6)}*`], 3)
      : null,
    onUnpermittedTag: dice.chance(20) ? 'ignore' : null,
    enableTagFiltering: dice.chance(10) ? true : null,
    models: dice.chance(40) ? makeModels(dice, names) : [],
  };
}

const NO_GRANT = { tags: [], allowedTags: null, onUnpermittedTag: null, enableTagFiltering: null, models: [] };

function makeModels(dice: Dice, names: Names): string[] {
  const wild = names.groups[4] ?? '';
  const entries = [
    ...names.groups,
    ...names.aliases.keys(),
    ...names.accessGroups,
    wild.replace('*', 'one'),
    'all-team-models',
  ];
  return dice.some([...entries, `${dice.one(names.groups).slice(0, 8)}*`], 4);
}

/** Every name that a call may put into `model`. */
export function modelsOf(names: Names): string[] {
  const wild = names.groups[4] ?? '';
  return [
    ...names.groups.slice(0, 4),
    wild.replace('*', 'one'),
    wild.replace('*', 'two'),
    ...names.aliases.keys(),
    ...names.deployments.map((one) => one.id),
  ];
}

/** The LiteLLM config of a world. `urlOf`: the upstream at a place, without a slash at the end. */
export function configOf(world: World, urlOf: (place: number) => string): object {
  const { settings } = world;
  return {
    model_list: world.deployments.map((one) => ({
      model_name: one.group,
      litellm_params: {
        model: `openai/${one.upstreamModel}`,
        api_base: `${urlOf(one.upstream)}/v1`,
        api_key: `secret-of-${one.id}`,
        tags: one.tags,
        ...(one.tagRegex.length === 0 ? {} : { tag_regex: one.tagRegex }),
      },
      model_info: {
        id: one.id,
        private: one.private,
        allow_fail_open: one.allowFailOpen,
        access_groups: one.accessGroups,
        ...(one.enableTagFiltering === undefined ? {} : { enable_tag_filtering: one.enableTagFiltering }),
      },
    })),
    router_settings: {
      enable_tag_filtering: settings.enableTagFiltering,
      tag_filtering_match_any: settings.matchAny,
      tag_routing_prefix: settings.prefix,
      tag_authority: settings.authority,
      model_group_alias: Object.fromEntries(world.aliases),
      fallbacks: world.fallbacks.map(([from, to]) => ({ [from]: [to] })),
      num_retries: 2,
    },
    general_settings: { reject_clientside_metadata_tags: settings.rejectTags },
    tags: Object.fromEntries([
      ...world.restrictedTags.map((tag) => [tag, { restricted: true }]),
      ...world.accountingTags.map((tag) => [tag, { routing: false }]),
    ]),
  };
}
