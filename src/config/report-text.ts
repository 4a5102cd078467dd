import { ENVIRONMENT_PREFIX, missingVariables } from './environment.ts';
import type { Findings } from './findings.ts';
import { SECTIONS } from './known-keys/sections.ts';
import { isSecretName } from './secrets.ts';
import type { ConfigNode, MapNode, ScalarNode } from './tree/node.ts';

const SHELL_VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-?+=])[^}]*)?\}/;
const VARIABLE_NAME = /os\.environ\/([A-Za-z_][A-Za-z0-9_]*)/;

/** Reports what texts anywhere in a config show: variables that are not expanded, secrets in the file, variables that are not set. */
export function reportText(root: MapNode, findings: Findings): void {
  const seen = new Set<ConfigNode>();
  walk(root, { path: '', key: '' }, (node, path, key) => {
    // An alias repeats a text in many places; it is written, and reported, once.
    if (seen.has(node)) return;
    seen.add(node);
    reportShellVariable(node, path, findings);
    reportEmbeddedReference(node, path, findings);
    if (isWrittenSecret(node, key)) reportSecret(path, node, findings);
    else if (isVariableName(node, key)) reportVariableName(path, node, findings);
  });
  reportMissingSettings(root, findings);
}

type Visit = (node: ScalarNode, path: string, key: string) => void;

/** Visits every scalar, with its path and the nearest key above it. */
function walk(node: ConfigNode, place: { readonly path: string; readonly key: string }, visit: Visit): void {
  const { path, key } = place;
  if (node.kind === 'scalar') visit(node, path, key);
  else if (node.kind === 'list')
    node.items.forEach((item, index) => walk(item, { path: `${path}[${index}]`, key }, visit));
  else
    for (const entry of node.entries.values())
      walk(entry.value, { path: path === '' ? entry.key : `${path}.${entry.key}`, key: entry.key }, visit);
}

function reportShellVariable(node: ScalarNode, path: string, findings: Findings): void {
  const found = node.env === undefined && typeof node.value === 'string' ? SHELL_VARIABLE.exec(node.value) : null;
  if (found === null) return;
  const name = found[1] ?? '';
  const whole = found[0].length === (node.value as string).length;
  const message = `${path} holds \${${name}}, which is not expanded: neither LiteLLM nor Waymark does that.`;
  const fallback =
    found[2] === undefined ? '' : ' There is no way to write a default: set the variable where the gateway is started.';
  const hint = `Write \`os.environ/${name}\`${whole ? '' : ', with the whole text in the variable'}.${fallback}`;
  findings.report('shell-variable', { message, hint, path, at: node.at });
}

function reportEmbeddedReference(node: ScalarNode, path: string, findings: Findings): void {
  if (node.env !== undefined || typeof node.value !== 'string') return;
  const index = node.value.indexOf(ENVIRONMENT_PREFIX);
  if (index <= 0) return;
  const name = VARIABLE_NAME.exec(node.value)?.[1] ?? 'NAME';
  const message = `${path} holds os.environ/${name} in the middle of a text, where it is not expanded.`;
  const hint = `Put the whole text into one variable and write \`os.environ/${name}\`.`;
  findings.report('environment-reference-inside', { message, hint, path, at: node.at });
}

/** Values that people write where no secret is needed. */
const PLACEHOLDER =
  /^(?:fake.*|dummy.*|none|null|not[-_ ]?needed|no[-_ ]?key.*|empty|anything|x+|sk-x+|ollama|test|placeholder.*|your[-_ ].*|<.*>|\*+)$/i;

/** Credentials may be named by the file that holds them. */
const FILE_NAME = /^(?:\.{0,2}|~)\/[^\s{]*$|^[^\s{]*\.(?:json|pem|key)$/;

function isWrittenSecret(node: ScalarNode, key: string): boolean {
  if (!isSecretName(key) && key !== 'database_url' && key !== 'master_key') return false;
  if (node.env !== undefined || typeof node.value !== 'string' || node.value === '') return false;
  if (node.foreignTag !== undefined || VARIABLE.test(node.value)) return false;
  if (node.value.includes(ENVIRONMENT_PREFIX) || SHELL_VARIABLE.test(node.value)) return false;
  if (key === 'database_url') return /\/\/[^/]*:[^/]*@/.test(node.value);
  return key === 'master_key' || !(PLACEHOLDER.test(node.value) || FILE_NAME.test(node.value));
}

/** `OPENAI_API_KEY`, where `os.environ/OPENAI_API_KEY` was meant. */
const VARIABLE = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?:KEY|TOKEN|SECRET|PASSWORD)(?:_[A-Z0-9]+)*$/;

function isVariableName(node: ScalarNode, key: string): boolean {
  const secret = isSecretName(key) || key === 'master_key';
  return secret && node.env === undefined && typeof node.value === 'string' && VARIABLE.test(node.value);
}

function reportVariableName(path: string, node: ScalarNode, findings: Findings): void {
  // Not shown: it may be a secret after all.
  const message = `${path} looks like the name of an environment variable; it is used as it is.`;
  findings.report('variable-name-as-secret', { message, path, at: node.at });
}

function reportSecret(path: string, node: ScalarNode, findings: Findings): void {
  const message = `${path} is written in the file; everybody who can read the file has this secret.`;
  findings.report('secret-in-file', {
    message,
    path,
    at: node.at,
    hint: 'Keep it in an environment variable and write `os.environ/NAME`.',
  });
}

/** Variables that are not set, outside `model_list`: what needs them there is named by the deployment's reader. */
function reportMissingSettings(root: MapNode, findings: Findings): void {
  for (const entry of root.entries.values()) {
    if (entry.key === 'model_list') continue;
    for (const variable of missingVariables(entry.value, entry.key)) {
      const idle = !isActedOn(variable.path);
      findings.report('missing-environment-variable', {
        message: `The environment variable ${variable.name} is not set; ${variable.path} counts as absent.`,
        hint: `Set ${variable.name} before starting.`,
        path: variable.path,
        at: variable.node.at,
        ...(idle ? { severity: 'note' } : {}),
      });
    }
  }
}

const SETTINGS = new Map(
  [SECTIONS.routerSettings, SECTIONS.litellmSettings, SECTIONS.generalSettings].map((one) => [one.place, one]),
);

/** False for a value in a section or under a setting that LiteLLM has and Waymark does not act on. */
function isActedOn(path: string): boolean {
  const [section = '', key = ''] = path.split(/[.[]/);
  const known = SETTINGS.get(section)?.keys.get(key) ?? SECTIONS.topLevel.keys.get(section);
  return known === undefined || known.status !== 'unsupported';
}
