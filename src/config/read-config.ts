import { createHash } from 'node:crypto';
import type { ConfigReading, ConfigSources, GatewayConfig } from './contract.ts';
import { readEnvironment, type ReadEnvironment, resolveEnvironment } from './environment.ts';
import { Fields } from './fields.ts';
import { Findings, inReadingOrder } from './findings.ts';
import { type LoadedConfig, loadConfig } from './load.ts';
import { Places } from './places.ts';
import { reportText } from './report-text.ts';
import { reportUnknownKeys } from './unknown-keys.ts';
import { readAliases } from './sections/aliases.ts';
import { readCredentials } from './sections/credentials.ts';
import { readFallbacks, type SettingsSection } from './sections/fallbacks.ts';
import { readModelList } from './sections/model-list.ts';
import type { Reading } from './sections/reading.ts';
import { readNumRetries, readRoutingSettings, readServerSettings } from './sections/settings.ts';
import type { ConfigNode, MapNode } from './tree/node.ts';

/**
 * Reads a LiteLLM config and what it includes. Never throws: whatever is wrong is a problem with file, line and column.
 * `config` is undefined when the file cannot be used at all. Source of the shapes: LiteLLM's config reference.
 */
export function readConfig(path: string, sources: ConfigSources): ConfigReading {
  const findings = new Findings();
  const loaded = loadConfig(path, sources, findings);
  const unusable =
    loaded.root === undefined ||
    findings.problems.some((problem) => problem.code === 'unreadable-file' || problem.code === 'invalid-yaml');
  const config =
    loaded.root === undefined || unusable ? undefined : readRoot(loaded, loaded.root, { findings, sources });
  const problems = inReadingOrder(findings.problems, loaded.files);
  return config === undefined ? { problems } : { config, problems };
}

function readRoot(
  loaded: LoadedConfig,
  written: MapNode,
  context: { readonly findings: Findings; readonly sources: ConfigSources },
): GatewayConfig {
  const { findings } = context;
  const environment = readEnvironment(written.entries.get('environment_variables')?.value, context.sources.env);
  const root = resolveEnvironment(written, environment.lookup) as MapNode;
  reportUnknownKeys(root, findings);
  reportText(root, findings);
  const reading: Reading = { findings, places: new Places(), environment };
  return { ...readSections(root, reading), files: loaded.files, version: versionOf(loaded, environment) };
}

function readSections(root: MapNode, reading: Reading): Omit<GatewayConfig, 'files' | 'version'> {
  const fields = new Fields(root, '', reading.findings);
  const settings = {
    router: fields.section('router_settings'),
    litellm: fields.section('litellm_settings'),
    general: fields.section('general_settings'),
  };
  const section = (path: string): SettingsSection => {
    const node = root.entries.get(path)?.value;
    return { path, map: node?.kind === 'map' ? node : undefined };
  };
  const sections = [section('router_settings'), section('litellm_settings'), section('general_settings')];
  const credentials = readCredentials(root.entries.get('credential_list')?.value, reading);
  const deployments = readModelList(root.entries.get('model_list')?.value ?? absentAt(root), credentials, reading);
  const groups = new Set(deployments.map((deployment) => deployment.group));
  const numRetries = readNumRetries(settings);
  return {
    deployments,
    routing: readRoutingSettings(root, settings, reading),
    aliases: readAliases(sections, groups, reading),
    fallbacks: readFallbacks(sections, reading),
    ...(numRetries === undefined ? {} : { numRetries }),
    server: readServerSettings(settings, reading),
    environment: reading.environment.set,
    places: reading.places.all,
  };
}

/** Everything that was read goes in, environment values included: the same version means the same config. */
function versionOf(loaded: LoadedConfig, environment: ReadEnvironment): string {
  const used = [...environment.used].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [name, value ?? null]);
  return createHash('sha256')
    .update(JSON.stringify([loaded.texts, used]))
    .digest('hex')
    .slice(0, 12);
}

/** What is not there has a place all the same: the map in which it is missed. */
function absentAt(map: MapNode): ConfigNode {
  return { kind: 'scalar', value: null, source: '', at: map.at };
}
