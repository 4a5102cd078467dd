import type { CliActions, ServeRequest, ServingGateway } from '../actions.ts';
import { EXIT, type CliIo } from '../io.ts';
import { addressFailure } from '../listening.ts';

/** Listens, or says in plain words why the address cannot be had. Never takes another port than the one asked for. */
export async function listen(request: ServeRequest, actions: CliActions): Promise<ServingGateway> {
  try {
    return await actions.startGateway(request);
  } catch (error) {
    throw addressFailure(error, request) ?? error;
  }
}

/** Waits for SIGTERM or SIGINT, then lets running calls end. A second signal ends the process at once. */
export async function serveUntilStopped(
  gateway: ServingGateway,
  drainSeconds: number,
  { io, actions }: { readonly io: CliIo; readonly actions: CliActions },
): Promise<number> {
  let signals = 0;
  let stopListening: (() => void) | undefined;
  const signal = await new Promise<string>((resolve) => {
    stopListening = actions.onStopSignal((name) => {
      signals += 1;
      if (signals > 1) actions.exitNow(EXIT.failed);
      resolve(name);
    });
  });
  io.stdout.write(
    `${signal}: no new calls are taken; running ones have up to ${drainSeconds} s. Again: end at once.\n`,
  );
  await gateway.close(drainSeconds);
  stopListening?.();
  io.stdout.write('Stopped.\n');
  return EXIT.ok;
}
