import { GatewayError } from '../../core/errors/gateway-error.ts';
import { FormProblem } from '../../core/wire/multipart/form-problem.ts';

/** What was thrown while a form was read, as an error that the caller may hear. */
export function formError(thrown: unknown): unknown {
  if (!(thrown instanceof FormProblem)) return thrown;
  return new GatewayError('invalid_form', {
    message: `The form cannot be used: ${thrown.reason}.`,
    param: thrown.field ?? 'request_body',
  });
}

/** Waits for the temporary folder. What it fails with is for the log: it names paths. */
export async function spooling<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    throw new GatewayError('spool_failed', {
      message:
        'The file could not be kept on its way: the temporary folder is full or cannot be used. Send model before the file.',
      internal: thrown instanceof Error ? thrown.message : String(thrown),
    });
  }
}
