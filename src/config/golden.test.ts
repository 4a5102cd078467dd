import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../core/base/problem.ts';
import { checkTargets } from '../providers/check-targets.ts';
import { CATALOGUE } from './check/catalogue.ts';
import { checkConfig } from './check/check-config.ts';
import type { ConfigReading } from './contract.ts';
import { readConfig } from './read-config.ts';

const FOLDER = join(import.meta.dirname, '../../test/fixtures/config');
/** Values that no finding may show. */
const SECRETS = ['topsecret-key', 'hunter22', 'sk-ant-0123456789', 'sk-0123456789abcdef0123', 'user:pass'];
const ENV = {
  KEY: 'topsecret-key',
  OPENAI_API_KEY: 'topsecret-key',
  MASTER: 'sk-topsecret-key-of-length',
  RPM: '60',
  WHOLE_MODEL: 'openai/whole',
};

const names = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.yaml') && !/^include-(?!main)/.test(name))
  .map((name) => basename(name, '.yaml'));

function read(name: string, env: Record<string, string> = ENV): ConfigReading {
  const readText = (path: string): string => {
    if (!existsSync(join(FOLDER, path))) throw new Error('no such file');
    return readFileSync(join(FOLDER, path), 'utf8');
  };
  return readConfig(`${name}.yaml`, { readText, env });
}

function findings(reading: ConfigReading): readonly Problem[] {
  const { config, problems } = reading;
  return config === undefined
    ? problems
    : [...problems, ...checkConfig(config), ...checkTargets(config.deployments, ENV)];
}

function print({ severity, code, at, path, message, hint }: Problem): string {
  const place = at === undefined ? '-' : `${at.file}:${at.line}:${at.column}`;
  const lines = [`${severity} ${code} ${place}${path === undefined ? '' : ` ${path}`}`, `  ${message}`];
  return [...lines, ...(hint === undefined ? [] : [`  ${hint}`])].join('\n');
}

describe('configs and what is found in them', () => {
  it.each(names)('%s', async (name) => {
    const found = findings(read(name));
    const text = found.map((problem) => `${print(problem)}\n`).join('');
    await expect(text === '' ? 'nothing\n' : text).toMatchFileSnapshot(join(FOLDER, `${name}.findings`));
    for (const secret of SECRETS) expect(text).not.toContain(secret);
    for (const problem of found) expect(Object.keys(CATALOGUE)).toContain(problem.code);
  });

  it.each(['mission-quick-start', 'mission-default-tag', 'mission-teams'])('%s has no error', (name) => {
    for (const env of [ENV, {}]) {
      const reading = read(name, env);
      expect(findings(reading).filter((problem) => problem.severity === 'error')).toEqual([]);
      expect(reading.config?.deployments.length).toBeGreaterThan(0);
    }
  });

  it('has an example of every code of the catalogue', () => {
    const found = new Set(names.flatMap((name) => findings(read(name)).map((problem) => problem.code)));
    expect(Object.keys(CATALOGUE).filter((code) => !found.has(code))).toEqual([]);
  });
});
