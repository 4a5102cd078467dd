import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configJsonSchema } from '../../src/config/schema.ts';
import { inRoot } from '../workshop/root.ts';
import { bundledPackages, renderLicences } from './licences.ts';

/** The manifest of the published package: bundles only, so no dependencies, no scripts, and no Node inside. */
export function packageManifest(version: string, description: string): Readonly<Record<string, unknown>> {
  return {
    name: 'waymark-gateway',
    version,
    description,
    license: 'Apache-2.0',
    keywords: ['llm', 'gateway', 'proxy', 'router', 'tags', 'litellm', 'openai'],
    type: 'module',
    bin: { waymark: 'waymark.mjs', litellm: 'waymark.mjs' },
    engines: { node: '>=24.11' },
  };
}

/** Writes the publishable package to `built/package`, from the program in `built`. `files`: what the bundle was made of. */
export function writePackage(built: string, files: readonly string[]): void {
  const folder = join(built, 'package');
  const workspace = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as {
    version: string;
    description: string;
  };
  const manifest = packageManifest(workspace.version, workspace.description);
  mkdirSync(folder, { recursive: true });
  for (const name of ['waymark.mjs', 'main.mjs', 'sqlite-worker.mjs', 'chunks']) {
    // Source maps stay in the checkout: they would triple the package and are of use only beside the sources.
    cpSync(join(built, name), join(folder, name), { recursive: true, filter: (source) => !source.endsWith('.map') });
  }
  cpSync(inRoot('LICENSE'), join(folder, 'LICENSE'));
  cpSync(inRoot('tools', 'package-readme.md'), join(folder, 'README.md'));
  writeFileSync(join(folder, 'THIRD-PARTY-LICENCES.txt'), renderLicences(bundledPackages(files)));
  writeFileSync(join(folder, 'config.schema.json'), `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`);
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
}
