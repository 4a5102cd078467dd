import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package whose code is in the bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly folder: string;
}

const PACKAGE_FOLDER = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/;

/** The packages that the bundled files came from, each once, by name. */
export function bundledPackages(files: readonly string[]): readonly BundledPackage[] {
  const folders = new Set<string>();
  for (const file of files) {
    const folder = PACKAGE_FOLDER.exec(file)?.[1];
    if (folder !== undefined) folders.add(folder.replace(/^\0/, ''));
  }
  return [...folders].map(readPackage).sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

function readPackage(folder: string): BundledPackage {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
  const { name, version, license } = manifest;
  if (typeof name !== 'string' || typeof version !== 'string' || typeof license !== 'string') {
    throw new Error(
      `${folder}/package.json lacks a name, a version or a licence; the bundle cannot name what it holds.`,
    );
  }
  return { name, version, licence: license, folder };
}

/** The text of the file that goes with the bundle: every package, its licence and the licence's text. */
export function renderLicences(packages: readonly BundledPackage[]): string {
  const heading = 'The program contains code of the following packages.\n';
  const entries = packages.map((each) => {
    const text = licenceText(each.folder);
    return `${'-'.repeat(80)}\n${each.name} ${each.version} (${each.licence})\n${'-'.repeat(80)}\n\n${text.trim()}\n`;
  });
  return [heading, ...entries].join('\n');
}

function licenceText(folder: string): string {
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)/i.test(name));
  if (file === undefined || !existsSync(join(folder, file))) return 'The package ships no licence text.';
  return readFileSync(join(folder, file), 'utf8');
}
