/**
 * The project's most important property, over real sockets: whatever a key sends by whatever way, no upstream outside its
 * closure ever receives a byte, and nothing that it is told names what lies outside. A failing world is run again alone with
 * WAYMARK_WORLDS=<seed>.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KeyRecord } from '../../src/accounts/contract.ts';
import { PrincipalCache } from '../../src/gateway/principal-cache.ts';
import { answerJson, startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts';
import { startHarness, type Harness } from '../support/harness.ts';
import { MemoryAccountStore } from '../support/memory-account-store.ts';
import { Dice } from '../support/worlds/dice.ts';
import { groupOf, holderOf, mayAsk, plainClosure } from '../support/worlds/plain-closure.ts';
import { drawCall, make, type Seen, type WorldCall } from '../support/worlds/world-calls.ts';
import { configOf, makeGrant, makeTeam, makeWorld, modelsOf, UPSTREAMS, type World } from '../support/worlds/world.ts';

const SEEDS =
  process.env['WAYMARK_WORLDS']?.split(',').map(Number) ?? Array.from({ length: 40 }, (_, index) => index + 1);
const CALLS = 250;

let upstreams: readonly FakeUpstream[] = [];

beforeAll(async () => {
  upstreams = await Promise.all(Array.from({ length: UPSTREAMS }, () => startFakeUpstream()));
});
afterAll(async () => {
  await Promise.all(upstreams.map((upstream) => upstream[Symbol.asyncDispose]()));
});

/** A world that runs: its accounts may change while it does. */
interface Running {
  world: World;
  readonly gateway: Harness;
  readonly store: MemoryAccountStore;
}

const served = new Map<string, number>();

describe('no upstream outside the closure of a key receives a byte, and no name outside it is told', () => {
  test.each(SEEDS)('world %i', { timeout: 120_000 }, async (seed) => {
    const world = makeWorld(seed);
    const dice = new Dice(seed * 7919);
    const store = new MemoryAccountStore();
    await save(world, store);
    const principals = new PrincipalCache({ store, now: () => performance.now(), wallNow: () => Date.now() });
    upstreams.forEach((upstream) => upstream.reset());
    // Some fail, so that whatever would try elsewhere does.
    for (const upstream of dice.some(upstreams, 3))
      upstream.respondWith(answerJson({ error: { message: 'no' } }, { status: 500 }));
    await using gateway = await startHarness(
      configOf(world, (place) => upstreams[place]?.url ?? ''),
      { principals },
    );
    for (const one of dice.some(world.deployments, 2)) gateway.cooling.add(one.id);
    const running = { world, gateway, store };
    for (let made = 0; made < CALLS; made += 1) {
      if (made % 25 === 24) await changeSomething(running, dice);
      await callOnce(running, dice, `world ${seed}, call ${made}`);
    }
    principals.close();
  });

  test('the calls of these worlds are served, and refused in every way', () => {
    if (SEEDS.length < 10) return;
    const codes = [
      'model_not_permitted',
      'fenced_out',
      'tag_not_permitted',
      'no_deployment_for_tags',
      'model_not_found',
    ];
    for (const code of ['200', ...codes, 'invalid_tags', 'deployments_unavailable'])
      expect([code, served.get(code) ?? 0]).toEqual([code, expect.any(Number)]);
    for (const code of ['200', ...codes]) expect([code, served.get(code) ?? 0]).not.toEqual([code, 0]);
  });
});

async function save({ accounts }: World, store: MemoryAccountStore): Promise<void> {
  const { teams, projects, users, keys } = accounts;
  await store.apply({ put: { teams, projects, users, keys: [...keys.values()] }, audit: [] });
}

/** Somebody changes a team or a key, and nothing else, while calls go on: the next call is held to what is saved now. */
async function changeSomething(running: Running, dice: Dice): Promise<void> {
  const { world, store } = running;
  const { accounts } = world;
  if (dice.chance(60)) {
    const team = dice.one(accounts.teams);
    const changed = { ...team, ...makeTeam(dice, world) };
    const teams = accounts.teams.map((one) => (one === team ? changed : one));
    running.world = { ...world, accounts: { ...accounts, teams } };
    await store.apply({ put: { teams: [changed] }, audit: [] });
    return;
  }
  const [name, key] = dice.one([...accounts.keys]);
  const changed = { ...key, ...makeGrant(dice, world) };
  running.world = { ...world, accounts: { ...accounts, keys: new Map(accounts.keys).set(name, changed) } };
  await store.apply({ put: { keys: [changed] }, audit: [] });
}

async function callOnce({ world, gateway }: Running, dice: Dice, where: string): Promise<void> {
  const [name, key] = dice.one([...world.accounts.keys]);
  const call = drawCall(dice, world, { key: `sk-${name}`, names: aliasesOf(world) });
  const before = upstreams.map((upstream) => upstream.bytesReceived + upstream.connections);
  const seen = await make(call, gateway.url);
  const touched = world.deployments.filter(
    ({ upstream }) =>
      (upstreams[upstream]?.bytesReceived ?? 0) + (upstreams[upstream]?.connections ?? 0) !== before[upstream],
  );
  const holder = holderOf(key, world.accounts);
  const closure = plainClosure(world, holder, [...modelsOf(world), ...aliasesOf(world)]);
  const context = JSON.stringify({ where, call, key: `sk-${name}`, status: seen.status, closure: [...closure] });
  expect(
    touched.filter(({ id }) => !closure.has(id)).map(({ id }) => id),
    context,
  ).toEqual([]);
  expect(touched.length, context).toBeLessThanOrEqual(1);
  if (seen.served !== undefined && seen.status !== 503) expect([...closure], context).toContain(seen.served);
  if (touched.length > 0 && call.model !== undefined) {
    expect(mayAsk(world, holder, call.model), context).toBe(true);
    expect(call.sendsTags && world.settings.rejectTags, context).toBe(false);
  }
  const told = unsayable(world, { key, closure, call }).filter((secret) => seen.text.includes(secret));
  expect(told, `${context}\n${seen.text}`).toEqual([]);
  if (call.model !== undefined && touched.length === 0) holdReasons(gateway, { seen, context });
  const count = call.model === undefined ? 'page' : (seen.code ?? String(seen.status));
  served.set(count, (served.get(count) ?? 0) + 1);
}

/** What is refused says why to whoever reads the log. */
function holdReasons(gateway: Harness, { seen, context }: { seen: Seen; context: string }): void {
  const record = gateway.calls.at(-1);
  expect(record?.status, context).toBe(seen.status);
  if (seen.status === 200) return;
  expect(record?.code, context).toBe(seen.code);
  const explained = ['fenced_out', 'tag_not_permitted', 'no_deployment_for_tags', 'deployments_unavailable'];
  if (explained.includes(seen.code ?? ''))
    expect(record?.internal, context).toMatch(/decision=refuse; code=.*group=.*dropped=./);
  if (seen.code === 'model_not_permitted') expect(record?.internal, context).toMatch(/^the lists of models/);
}

interface Caller {
  readonly key: KeyRecord;
  readonly closure: ReadonlySet<string>;
  readonly call: WorldCall;
}

/** Every name of the world that the caller has not sent itself and that lies outside what its key reaches. */
function unsayable(world: World, { key, closure, call }: Caller): string[] {
  const { accounts } = world;
  const inside = world.deployments.filter(({ id }) => closure.has(id));
  const outside = world.deployments.filter(({ id }) => !closure.has(id));
  const team = accounts.teams.find((one) => one.teamId === key.teamId);
  const own = [
    ...key.tags,
    ...(team?.tags ?? []),
    ...accounts.projects.filter((one) => one.projectId === key.projectId).flatMap((one) => one.tags),
  ];
  const reachable = new Set(inside.map((one) => one.group));
  const names = [
    ...outside.flatMap((one) => [one.id, one.upstreamModel, `:${upstreams[one.upstream]?.port}/`, ...one.tags]),
    ...world.deployments.map((one) => `secret-of-${one.id}`),
    ...world.groups.filter((group) => !reachable.has(group)).map((group) => group.replace('/*', '/')),
    ...[...world.aliases].filter(([, group]) => !reachable.has(group)).map(([name]) => name),
    ...accounts.teams.flatMap((one) => [one.teamId, ...(one === team ? [] : Object.keys(one.modelAliases))]),
    ...accounts.projects.map((one) => one.projectId),
    ...[...accounts.keys].flatMap(([name, one]) => [`sk-${name}`, one.token]),
  ];
  const sayable = [...inside.flatMap((one) => one.tags), ...own.map((tag) => tag.replace(/^[!&]/, '')), 'default'];
  const sent = `${call.path} ${decodeURIComponent(call.path)} ${call.body ?? ''} ${call.headers['x-litellm-tags'] ?? ''}`;
  return names.filter((name) => !sayable.includes(name) && !sent.includes(name));
}

/** The aliases of all keys and teams: everybody tries everybody's. */
function aliasesOf(world: World): string[] {
  const { keys, teams } = world.accounts;
  return [...[...keys.values()].map((key) => key.aliases), ...teams.map((team) => team.modelAliases)].flatMap(
    Object.keys,
  );
}

test('the closures of these worlds differ from key to key and leave something out', () => {
  const sizes = SEEDS.slice(0, 10).flatMap((seed) => {
    const world = makeWorld(seed);
    const names = [...modelsOf(world), ...aliasesOf(world)];
    for (const name of names) if (!aliasesOf(world).includes(name)) expect(groupOf(world, name)).toBeDefined();
    return [...world.accounts.keys.values()].map(
      (key) => plainClosure(world, holderOf(key, world.accounts), names).size,
    );
  });
  expect(Math.min(...sizes)).toBeLessThan(3);
  expect(Math.max(...sizes)).toBeGreaterThan(6);
});
