import type { Position } from '../../core/base/problem.ts';
import type { DeploymentConfig } from '../contract.ts';
import { missingVariables } from '../environment.ts';
import { Fields } from '../fields.ts';
import { SECTIONS } from '../known-keys/sections.ts';
import { placeKey } from '../places.ts';
import { withoutSecrets } from '../secrets.ts';
import type { MapNode } from '../tree/node.ts';
import { deriveId } from './deployment-id.ts';
import { readDefaultParams, readHeaders, readParameterSettings } from './params.ts';
import type { Reading } from './reading.ts';
import { readTagList, reportTagShapes } from './tags.ts';

/** One entry of `model_list`, its parts found, its credential merged in. */
export interface DeploymentEntry {
  readonly group: string;
  readonly params: MapNode;
  readonly info: MapNode | undefined;
  /** `model_list[2]`. */
  readonly path: string;
  readonly at: Position;
  /** What is wrong already. */
  readonly fault: string | undefined;
}

/** Without these a deployment would go elsewhere, as somebody else, or serve others than it is meant for. */
const ESSENTIAL = new Set([
  'model',
  'api_key',
  'api_base',
  'base_url',
  'api_version',
  'organization',
  'custom_llm_provider',
  'azure_ad_token',
  'extra_headers',
  'headers',
  'tags',
  'tag_regex',
]);

/** Reads one entry: one deployment, or one for each organization where `organization` is a list. */
export function readDeployment(entry: DeploymentEntry, reading: Reading): readonly DeploymentConfig[] {
  const params = new Fields(entry.params, `${entry.path}.litellm_params`, reading.findings);
  const organizations = readOrganizations(params);
  const first = readOne(entry, params, { reading, organization: organizations[0] });
  return [first, ...organizations.slice(1).map((organization, index) => forOrganization(first, organization, index))];
}

function readOrganizations(params: Fields): readonly string[] {
  if (params.node('organization')?.kind === 'list') return params.texts('organization') ?? [];
  const one = params.text('organization');
  return one === undefined ? [] : [one];
}

function forOrganization(first: DeploymentConfig, organization: string, index: number): DeploymentConfig {
  const id = first.idGiven ? `${first.id}-${index + 2}` : deriveId({ ...identityOf(first), organization });
  return { ...first, organization, id };
}

interface Context {
  readonly reading: Reading;
  readonly organization: string | undefined;
}

function readOne(entry: DeploymentEntry, params: Fields, context: Context): DeploymentConfig {
  const { reading } = context;
  const info = new Fields(entry.info, `${entry.path}.model_info`, reading.findings);
  const target = readTarget(params, context.organization);
  const tags = readTags(params, reading);
  const flags = readFlags(info);
  const unbuildable = firstFault(entry, params, { reading, tags, model: target.model });
  const identity = {
    group: entry.group,
    ...target,
    credential: credentialOf(params, target.apiKey ?? target.azureAdToken),
  };
  const id = info.text('id');
  const mode = info.text('mode');
  const baseModel = info.text('base_model');
  const deployment: DeploymentConfig = {
    group: entry.group,
    id: id ?? deriveId(identity),
    idGiven: id !== undefined,
    ...defined(target),
    ...tags.read,
    ...defined(readChoice(params)),
    extraHeaders: readHeaders(entry.params, { findings: reading.findings, path: params.path }),
    ...defined({ mockResponse: params.text('mock_response'), mode, baseModel }),
    defaultParams: readDefaultParams(entry.params),
    ...defined({ parameters: readParameterSettings(params) }),
    ...flags,
    accessGroups: info.texts('access_groups') ?? [],
    modelInfo: withoutSecrets(entry.info),
    publicParams: withoutSecrets(entry.params),
    ...(unbuildable === undefined ? {} : { unbuildable }),
    at: entry.at,
  };
  addPlaces(deployment, { params, info, reading });
  return deployment;
}

function readTarget(params: Fields, organization: string | undefined): Target {
  return {
    model: params.text('model')?.trim() ?? '',
    customProvider: params.text('custom_llm_provider'),
    apiKey: params.text('api_key'),
    azureAdToken: params.text('azure_ad_token'),
    apiBase: (params.text('api_base') ?? params.text('base_url'))?.trim(),
    apiVersion: params.text('api_version'),
    organization,
  };
}

interface Target {
  readonly model: string;
  readonly customProvider: string | undefined;
  readonly apiKey: string | undefined;
  readonly azureAdToken: string | undefined;
  readonly apiBase: string | undefined;
  readonly apiVersion: string | undefined;
  readonly organization: string | undefined;
}

function readChoice(params: Fields): Record<string, number | undefined> {
  return {
    weight: params.number('weight', { min: 0 }),
    rpm: params.number('rpm', { min: 0 }),
    tpm: params.number('tpm', { min: 0 }),
    order: params.number('order'),
    timeoutSeconds: params.number('timeout', { min: 0 }) ?? params.number('request_timeout', { min: 0 }),
    streamTimeoutSeconds: params.number('stream_timeout', { min: 0 }),
    maxRetries:
      params.number('max_retries', { min: 0, integer: true }) ??
      params.number('num_retries', { min: 0, integer: true }),
  };
}

interface ReadTags {
  readonly read: { readonly tags: readonly string[]; readonly tagRegex: readonly string[] };
  readonly fault: string | undefined;
}

function readTags(params: Fields, { findings }: Reading): ReadTags {
  const tags = readTagList(params.raw('tags'), { path: params.pathOf('tags'), findings, kind: 'tags' });
  reportTagShapes(params.node('tags'), params.pathOf('tags'), findings);
  const tagRegex = readTagList(params.raw('tag_regex'), {
    path: params.pathOf('tag_regex'),
    findings,
    kind: 'patterns',
  });
  return { read: { tags: tags.values, tagRegex: tagRegex.values }, fault: tags.fault ?? tagRegex.fault };
}

type Flags = Pick<DeploymentConfig, 'private' | 'allowFailOpen' | 'enableTagFiltering'>;

function readFlags(info: Fields): Flags {
  const isPrivate = info.boolean('private') ?? false;
  const allowFailOpen = info.boolean('allow_fail_open') ?? false;
  const enableTagFiltering = info.boolean('enable_tag_filtering');
  // An unreadable `private` closes: the author meant to restrict something.
  const flags = { private: isPrivate || info.faults.has('private'), allowFailOpen };
  return enableTagFiltering === undefined ? flags : { ...flags, enableTagFiltering };
}

function firstFault(
  entry: DeploymentEntry,
  params: Fields,
  read: { readonly reading: Reading; readonly tags: ReadTags; readonly model: string },
): string | undefined {
  const missing = reportMissing(entry, params, read);
  if (missing !== undefined) return missing;
  if (entry.fault !== undefined) return entry.fault;
  const unreadable = [...params.faults].find((key) => ESSENTIAL.has(key));
  if (unreadable !== undefined) return `${params.pathOf(unreadable)} cannot be read`;
  if (read.tags.fault !== undefined) return read.tags.fault;
  return read.model === '' ? reportNoModel(entry, params, read.reading) : undefined;
}

function reportMissing(
  entry: DeploymentEntry,
  params: Fields,
  read: { readonly reading: Reading; readonly model: string },
): string | undefined {
  let reason: string | undefined;
  const mocked = params.node('mock_response') !== undefined;
  const model = read.model === '' ? '' : ` (${read.model})`;
  for (const variable of missingVariables(entry.params, params.path)) {
    const key = /^[^.[]+/.exec(variable.path.slice(params.path.length + 1))?.[0] ?? '';
    const essential = ESSENTIAL.has(key);
    if (essential) reason ??= `the environment variable ${variable.name} is not set`;
    const idle = SECTIONS.litellmParams.keys.get(key)?.status === 'unsupported';
    const unserved = mocked ? 'it answers with its mock_response all the same' : 'it keeps its place and cannot serve';
    const consequence = essential ? unserved : `its ${key} counts as absent`;
    read.reading.findings.report('missing-environment-variable', {
      message: `The environment variable ${variable.name} is not set; a deployment of group "${entry.group}"${model} needs it: ${consequence}.`,
      hint: `Set ${variable.name} before starting.`,
      path: variable.path,
      at: variable.node.at,
      ...((idle && !essential) || (mocked && essential) ? { severity: 'note' } : {}),
    });
  }
  return reason;
}

function reportNoModel(entry: DeploymentEntry, params: Fields, reading: Reading): string {
  const message = `A deployment of group "${entry.group}" has no litellm_params.model; it keeps its place and cannot serve.`;
  reading.findings.report('missing-model', {
    message,
    path: params.path,
    at: entry.at,
    hint: 'Write `model: provider/name`.',
  });
  return 'litellm_params.model is missing';
}

/** The secret, else the variable that should hold it: a deployment keeps its id whether or not the variable is set to nothing. */
function credentialOf(params: Fields, apiKey: string | undefined): string | undefined {
  if (apiKey !== undefined) return apiKey;
  const raw = params.raw('api_key');
  return raw?.kind === 'scalar' && raw.missing !== undefined ? `missing:${raw.missing}` : undefined;
}

function identityOf(deployment: DeploymentConfig): Parameters<typeof deriveId>[0] {
  const { group, model, customProvider, apiKey, azureAdToken, apiBase, apiVersion, organization } = deployment;
  return { group, model, customProvider, apiBase, apiVersion, organization, credential: apiKey ?? azureAdToken };
}

function addPlaces(deployment: DeploymentConfig, from: { params: Fields; info: Fields; reading: Reading }): void {
  const { params, info, reading } = from;
  const add = (key: string, fields: Fields, name: string): void => {
    const at = fields.at(name);
    if (at !== undefined) reading.places.add(key, fields.pathOf(name), at);
  };
  add(placeKey('deployment.tags', deployment.id), params, 'tags');
  add(placeKey('deployment.private', deployment.id), info, 'private');
  add(placeKey('deployment.enable_tag_filtering', deployment.id), info, 'enable_tag_filtering');
  for (const key of ['weight', 'rpm', 'tpm']) add(placeKey('deployment.weight', deployment.id), params, key);
  const patterns = params.node('tag_regex');
  const items = patterns?.kind === 'list' ? patterns.items : patterns === undefined ? [] : [patterns];
  items.forEach((item, index) => {
    reading.places.add(
      placeKey('deployment.tag_regex', deployment.id, index),
      `${params.pathOf('tag_regex')}[${index}]`,
      item.at,
    );
  });
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The same object without its undefined values: absent and undefined are two things in this code. */
function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
