import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package whose code is in the bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly folder: string;
  /** Who wrote it, as its manifest says. */
  readonly holder: string;
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
  const { author } = manifest as { author?: string | { readonly name?: string } };
  const holder = (typeof author === 'string' ? author : author?.name) ?? `the authors of ${name}`;
  return { name, version, licence: license, folder, holder };
}

/** The text of the file that goes with the bundle: every package, its licence and the licence's text. */
export function renderLicences(packages: readonly BundledPackage[]): string {
  const heading = 'The program contains code of the following packages.\n';
  const entries = packages.map((each) => {
    const text = licenceText(each);
    return `${'-'.repeat(80)}\n${each.name} ${each.version} (${each.licence})\n${'-'.repeat(80)}\n\n${text.trim()}\n`;
  });
  return [heading, ...entries].join('\n');
}

/** The text of a package's licence: its own file, else what its readme says, else the licence's standard text. Throws where there is none. */
function licenceText({ folder, name, licence, holder }: BundledPackage): string {
  const files = readdirSync(folder);
  const own = files.find((file) => /^(licen[cs]e|copying)/i.test(file));
  if (own !== undefined) return readFileSync(join(folder, own), 'utf8');
  const readme = files.find((file) => /^readme/i.test(file));
  const said = readme === undefined ? '' : licenceSection(readFileSync(join(folder, readme), 'utf8'));
  if (said.includes(MIT_GRANT)) return said;
  if (licence !== 'MIT')
    throw new Error(`${name} ships no text of its licence (${licence}); the package cannot name it.`);
  return `${/copyright/i.test(said) ? said : `Copyright (c) ${holder}`}\n\n${MIT}`;
}

function licenceSection(readme: string): string {
  const [, section = ''] = /^#+ *licen[cs]e *\n([^]*?)(?=^#|(?![^]))/im.exec(readme) ?? [];
  return section.trim();
}

const MIT_GRANT = 'Permission is hereby granted, free of charge';

/** The MIT licence (SPDX: MIT) without its line of copyright. */
const MIT = `${MIT_GRANT}, to any person obtaining a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge,
publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to
do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES
OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE
LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`;
