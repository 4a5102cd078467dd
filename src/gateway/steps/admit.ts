import { GatewayError } from '../../core/errors/gateway-error.ts';
import type { Call } from '../call.ts';

/** Says whether the gateway takes new calls (not while it shuts down), and knows those that run. */
export class Admission {
  #open = true;
  readonly #running = new Set<Call>();

  get open(): boolean {
    return this.#open;
  }

  /** Step 4. Refuses with `shutting_down`. */
  admit(call: Call): void {
    if (!this.#open) throw shuttingDown('The gateway is shutting down.');
    this.#running.add(call);
  }

  /** The call is over, admitted or not. */
  leave(call: Call): void {
    this.#running.delete(call);
  }

  close(): void {
    this.#open = false;
  }

  /** Ends the calls that still run: a stream with an error event, any other with an error. */
  cut(): void {
    const reason = shuttingDown('The gateway shut down before the answer was complete.');
    for (const call of this.#running) call.cut(reason);
  }
}

/** For what is not taken any more, or not to its end. */
export function shuttingDown(message: string): GatewayError {
  return new GatewayError('shutting_down', { message, retryAfterSeconds: 1 });
}
