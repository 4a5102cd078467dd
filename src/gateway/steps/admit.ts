import { GatewayError } from '../../core/errors/gateway-error.ts';

/** Says whether the gateway takes new calls: false once it shuts down. */
export class Admission {
  #open = true;

  /** Step 4. Refuses with `shutting_down`. */
  admit(): void {
    if (this.#open) return;
    throw new GatewayError('shutting_down', { message: 'The gateway is shutting down.', retryAfterSeconds: 1 });
  }

  close(): void {
    this.#open = false;
  }
}
