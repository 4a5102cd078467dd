import type { CliActions } from '../actions.ts';
import { CliFailure, EXIT, type CliIo } from '../io.ts';
import { addressFailure } from '../listening.ts';
import type { MockUpstreamFlags } from './command.ts';

/** `waymark mock-upstream`: serves until it is told to stop. */
export async function runMockUpstream(
  flags: MockUpstreamFlags,
  { io, actions }: { readonly io: CliIo; readonly actions: CliActions },
): Promise<number> {
  const simulator = await actions.startSimulator(flags).catch((error: unknown) => {
    throw addressFailure(error, flags) ?? optionFailure(error);
  });
  const line =
    flags.json === true
      ? JSON.stringify({ url: simulator.url, name: flags.name })
      : `Simulated upstream "${flags.name}" running on ${simulator.url} (stop with Ctrl+C)`;
  io.stdout.write(`${line}\n`);
  await new Promise<void>((resolve) => {
    const stop = actions.onStopSignal(() => {
      stop();
      resolve();
    });
  });
  await simulator.close();
  return EXIT.ok;
}

/** The simulator names the option at fault in its own words. */
function optionFailure(error: unknown): unknown {
  return error instanceof Error
    ? new CliFailure(error.message, { hint: 'See "waymark mock-upstream --help".' })
    : error;
}
