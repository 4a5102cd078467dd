import type { Position } from '../core/base/problem.ts';
import type { Findings } from './findings.ts';
import { type ConfigNode, describeKind, isNothing, type MapNode, type ScalarNode } from './tree/node.ts';

/** What a number must be. */
export interface NumberRule {
  readonly min?: number;
  readonly integer?: boolean;
}

/**
 * Reads one map's keys with the leniency of LiteLLM's own models (pydantic): `"60"` is a number, `"yes"` is true.
 * What cannot be read is reported as `wrong-type`, remembered in `faults`, and absent.
 */
export class Fields {
  readonly #map: MapNode | undefined;
  readonly #findings: Findings;
  readonly path: string;
  /** Keys whose value could not be read. */
  readonly faults = new Set<string>();

  constructor(map: MapNode | undefined, path: string, findings: Findings) {
    this.#map = map;
    this.path = path;
    this.#findings = findings;
  }

  pathOf(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`;
  }

  /** The value of a key, or undefined when it is absent or null. */
  node(key: string): ConfigNode | undefined {
    const value = this.#map?.entries.get(key)?.value;
    return isNothing(value) ? undefined : value;
  }

  /** The value of a key, null included: null also stands for a missing variable. */
  raw(key: string): ConfigNode | undefined {
    return this.#map?.entries.get(key)?.value;
  }

  at(key: string): Position | undefined {
    return this.#map?.entries.get(key)?.keyAt;
  }

  text(key: string): string | undefined {
    const scalar = this.#scalar(key, 'text');
    return scalar === undefined ? undefined : scalarText(scalar);
  }

  number(key: string, rule: NumberRule = {}): number | undefined {
    const expected = rule.integer === true ? 'a whole number' : 'a number';
    const scalar = this.#scalar(key, expected);
    if (scalar === undefined) return undefined;
    const value = numberOf(scalar);
    if (value === undefined || (rule.integer === true && !Number.isInteger(value))) return this.#wrong(key, expected);
    if (rule.min !== undefined && value < rule.min) {
      this.faults.add(key);
      const hint = `Write ${rule.min} or more, or leave \`${key}\` out.`;
      this.report(key, `${this.pathOf(key)} must be at least ${rule.min}; it is ignored.`, hint);
      return undefined;
    }
    return value;
  }

  boolean(key: string): boolean | undefined {
    const scalar = this.#scalar(key, 'true or false');
    if (scalar === undefined) return undefined;
    return booleanOf(scalar) ?? this.#wrong(key, 'true or false');
  }

  map(key: string): MapNode | undefined {
    const value = this.node(key);
    if (value === undefined || value.kind === 'map') return value;
    return this.#wrong(key, 'a map');
  }

  list(key: string): readonly ConfigNode[] | undefined {
    const value = this.node(key);
    if (value === undefined) return undefined;
    return value.kind === 'list' ? value.items : this.#wrong(key, 'a list');
  }

  /** A list of texts; one text alone is read as a list of one, and reported. */
  texts(key: string): readonly string[] | undefined {
    const value = this.node(key);
    if (value === undefined) return undefined;
    if (value.kind === 'scalar') {
      this.report(
        key,
        `${this.pathOf(key)} is a list; this one text is read as a list of one.`,
        `Write \`${key}: [...]\`.`,
      );
      return [scalarText(value)];
    }
    if (value.kind === 'map' || value.items.some((item) => item.kind !== 'scalar' || item.value === null)) {
      return this.#wrong(key, 'a list of texts');
    }
    return value.items.map((item) => scalarText(item as ScalarNode));
  }

  section(key: string): Fields {
    return new Fields(this.map(key), this.pathOf(key), this.#findings);
  }

  report(key: string, message: string, hint?: string): void {
    this.#findings.report('wrong-type', { message, hint, path: this.pathOf(key), at: this.node(key)?.at });
  }

  #scalar(key: string, expected: string): ScalarNode | undefined {
    const value = this.node(key);
    if (value === undefined || value.kind === 'scalar') return value;
    return this.#wrong(key, expected);
  }

  #wrong(key: string, expected: string): undefined {
    const value = this.node(key);
    const found = value === undefined ? 'nothing' : describeKind(value);
    this.faults.add(key);
    const article = found === expected ? 'something else' : found;
    const message = `${this.pathOf(key)} must be ${expected}, and is ${article}; it is ignored.`;
    this.report(key, message, `Write ${expected}, or leave \`${key}\` out.`);
    return undefined;
  }
}

/** The text of a scalar: of a number, date or boolean as it was written. */
export function scalarText(node: ScalarNode): string {
  return typeof node.value === 'string' ? node.value : node.source;
}

function numberOf(node: ScalarNode): number | undefined {
  if (typeof node.value === 'number') return Number.isFinite(node.value) ? node.value : undefined;
  if (typeof node.value !== 'string') return undefined;
  const text = node.value.trim().replaceAll('_', '');
  if (!/^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

const TRUE = new Set(['true', 'yes', 'on', 'y', 't', '1']);
const FALSE = new Set(['false', 'no', 'off', 'n', 'f', '0']);

function booleanOf(node: ScalarNode): boolean | undefined {
  if (typeof node.value === 'boolean') return node.value;
  const text = scalarText(node).trim().toLowerCase();
  if (TRUE.has(text)) return true;
  return FALSE.has(text) ? false : undefined;
}
