/** Where a command writes. */
export interface TextSink {
  write(text: string): void;
  readonly isTty: boolean;
  /** Width of the terminal in characters; undefined where the output is not a terminal. */
  readonly columns: number | undefined;
}

/** Everything of the outside world that a command may touch without an action of `CliActions`. */
export interface CliIo {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Text of a file. Throws an Error whose message says why (no such file ...). */
  readText(path: string): string;
}

/** Exit statuses of every command; the help of each command says what they mean there. */
export const EXIT = {
  /** Done; for `explain`: the call would be sent; for `check`: no error. */
  ok: 0,
  /** The answer is no, or the work failed. */
  failed: 1,
  /** The command line or the config cannot be used. */
  unusable: 2,
} as const;

/** Ends a command with a message for the person at the terminal. */
export class CliFailure extends Error {
  readonly status: number;
  readonly hint: string | undefined;

  constructor(message: string, options: { status?: number; hint?: string } = {}) {
    super(message);
    this.name = 'CliFailure';
    this.status = options.status ?? EXIT.unusable;
    this.hint = options.hint;
  }
}
