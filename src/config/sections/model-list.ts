import type { DeploymentConfig } from '../contract.ts';
import { Fields } from '../fields.ts';
import { type ConfigNode, describeKind, isNothing, type MapNode, mapNode } from '../tree/node.ts';
import { readDeployment } from './deployment.ts';
import { uniqueIds } from './deployment-id.ts';
import { withCredential } from './params.ts';
import type { Reading } from './reading.ts';

/** Reads `model_list`, in order. An entry that has no group is left out; anything else keeps its place, whatever is wrong with it. */
export function readModelList(
  section: ConfigNode | undefined,
  credentials: ReadonlyMap<string, MapNode | undefined>,
  reading: Reading,
): readonly DeploymentConfig[] {
  const items = listItems(section, reading);
  const deployments = items.flatMap((item, index) => readEntry(item, `model_list[${index}]`, { credentials, reading }));
  if (deployments.length === 0) {
    const at = section?.at;
    reading.findings.report('no-deployments', {
      message: 'The config has no deployment: nothing can be served.',
      path: 'model_list',
      at,
    });
  }
  return uniqueIds(deployments, reading.findings);
}

function listItems(section: ConfigNode | undefined, reading: Reading): readonly ConfigNode[] {
  if (isNothing(section)) return [];
  if (section.kind === 'list') return section.items;
  const message = `model_list must be a list of deployments, and is ${describeKind(section)}.`;
  reading.findings.report('wrong-type', {
    message,
    path: 'model_list',
    at: section.at,
    hint: 'Begin each entry with `- model_name:`.',
    severity: 'error',
  });
  return [];
}

interface Context {
  readonly credentials: ReadonlyMap<string, MapNode | undefined>;
  readonly reading: Reading;
}

function readEntry(item: ConfigNode, path: string, context: Context): readonly DeploymentConfig[] {
  const { reading } = context;
  if (item.kind !== 'map') {
    if (isNothing(item)) return [];
    const message = `${path} must be a map with model_name and litellm_params, and is ${describeKind(item)}; it is left out.`;
    reading.findings.report('bad-entry', {
      message,
      path,
      at: item.at,
      hint: 'Write `- model_name: name` and `litellm_params:` below it.',
    });
    return [];
  }
  const fields = new Fields(item, path, reading.findings);
  const group = fields.text('model_name');
  if (group === undefined || group === '') {
    const message = `${path} has no model_name and is left out.`;
    reading.findings.report('missing-model-name', {
      message,
      path,
      at: item.at,
      hint: 'Write `model_name:`, the name that clients ask for.',
    });
    return [];
  }
  const written = fields.map('litellm_params') ?? mapNode(new Map(), item.at);
  const report = { findings: reading.findings, path: `${path}.litellm_params` };
  const { params, fault } = withCredential(written, context.credentials, report);
  return readDeployment({ group, params, info: fields.map('model_info'), path, at: item.at, fault }, reading);
}
