/** What the commands need of the floors beside and above them; `main.ts` joins it. */
export interface CliActions {
  /** Calls the listener at every request to stop (SIGTERM, SIGINT). Returns what stops listening. */
  onStopSignal(listener: (signal: string) => void): () => void;
  /** Ends the process at once. */
  exitNow(status: number): void;
}

/** What a program is built from. */
export interface CliIdentity {
  /** Waymark's own version. */
  readonly version: string;
  /** The LiteLLM version whose surface is answered. */
  readonly litellmVersion: string;
}
