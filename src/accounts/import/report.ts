import type { ObjectType } from '../contract.ts';
import type { LeftBehindTable } from './source.ts';

/** How the rows of one kind fared; they add up to all rows. */
export interface ImportCounts {
  /** Are not there yet. */
  readonly created: number;
  /** Were there and were changed to what LiteLLM has; only where that was asked for. */
  readonly overwritten: number;
  readonly unchanged: number;
  /** Are there and differ; they stay as they are. */
  readonly conflicts: number;
  readonly refused: number;
  /** Have nothing of their kind here. */
  readonly left: number;
}

export interface ImportFinding {
  readonly type: ObjectType;
  /** As LiteLLM has it; of a key its hash. */
  readonly id: string;
  /** Alias or name for a person; null: none. */
  readonly name: string | null;
  readonly message: string;
}

/** Something that holds for several records: what is not acted on here, or not carried over. */
export interface ImportNote {
  readonly type: ObjectType;
  readonly message: string;
  readonly count: number;
  /** The first few ids. */
  readonly examples: readonly string[];
}

export interface ImportReport {
  readonly counts: Readonly<Record<ObjectType, ImportCounts>>;
  readonly conflicts: readonly ImportFinding[];
  readonly refused: readonly ImportFinding[];
  readonly notes: readonly ImportNote[];
  readonly leftBehind: readonly { readonly table: LeftBehindTable; readonly rows: number; readonly what: string }[];
}

export const IMPORTED_TYPES = [
  'user',
  'team',
  'project',
  'tag',
  'model',
  'key',
] as const satisfies readonly ObjectType[];

const MOST_EXAMPLES = 3;
const NO_COUNTS: ImportCounts = { created: 0, overwritten: 0, unchanged: 0, conflicts: 0, refused: 0, left: 0 };

/** Gathers a report while rows go by. */
export class ReportBuilder {
  readonly #counts = new Map<ObjectType, ImportCounts>();
  readonly #notes = new Map<string, ImportNote>();
  readonly #conflicts: ImportFinding[] = [];
  readonly #refused: ImportFinding[] = [];

  count(type: ObjectType, outcome: keyof ImportCounts): void {
    const was = this.#counts.get(type) ?? NO_COUNTS;
    this.#counts.set(type, { ...was, [outcome]: was[outcome] + 1 });
  }

  conflict(finding: ImportFinding): void {
    this.count(finding.type, 'conflicts');
    this.#conflicts.push(finding);
  }

  refuse(finding: ImportFinding): void {
    this.count(finding.type, 'refused');
    this.#refused.push(finding);
  }

  note(type: ObjectType, message: string, id: string): void {
    const key = `${type}\n${message}`;
    const was = this.#notes.get(key) ?? { type, message, count: 0, examples: [] };
    const examples = was.examples.length < MOST_EXAMPLES ? [...was.examples, id] : was.examples;
    this.#notes.set(key, { ...was, count: was.count + 1, examples });
  }

  build(leftBehind: ImportReport['leftBehind']): ImportReport {
    const counts = Object.fromEntries(IMPORTED_TYPES.map((type) => [type, this.#counts.get(type) ?? NO_COUNTS]));
    return {
      counts: counts as unknown as ImportReport['counts'],
      conflicts: this.#conflicts,
      refused: this.#refused,
      notes: [...this.#notes.values()],
      leftBehind,
    };
  }
}
