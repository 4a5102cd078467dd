/** What a simulator has done so far. */
export interface SimulatorStats {
  readonly requests: number;
  /** Requests to a model, of whatever kind: those that have a number. Asking for a response by its id is none. */
  readonly modelCalls: number;
  /** Answers by status, errors included. */
  readonly byStatus: ReadonlyMap<number, number>;
  /** Streams cut on purpose. */
  readonly cutStreams: number;
  /** Answers whose client left before the end. */
  readonly abandoned: number;
  readonly connections: number;
  readonly openConnections: number;
  /** Bytes of requests, heads included. */
  readonly bytesReceived: number;
}

/** The running counts. */
export class Tally {
  requests = 0;
  modelCalls = 0;
  cutStreams = 0;
  abandoned = 0;
  connections = 0;
  bytesReceived = 0;
  readonly #byStatus = new Map<number, number>();

  answered(status: number): void {
    this.#byStatus.set(status, (this.#byStatus.get(status) ?? 0) + 1);
  }

  snapshot(openConnections: number): SimulatorStats {
    const { requests, modelCalls, cutStreams, abandoned, connections, bytesReceived } = this;
    const byStatus = new Map(this.#byStatus);
    return { requests, modelCalls, byStatus, cutStreams, abandoned, connections, openConnections, bytesReceived };
  }
}
