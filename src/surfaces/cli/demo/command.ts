import type { CommandAdder } from '../program.ts';
import { readPort } from '../serve/address.ts';

/** The flags of `waymark demo`. */
export interface DemoFlags {
  readonly port: number;
  readonly host: string;
  readonly printConfig?: boolean;
  readonly detailedDebug?: boolean;
}

const MORE = `
Examples:
  waymark demo
  waymark demo --port 4100
  waymark demo --print-config > config.yaml

Exit status:
  0  stopped by SIGTERM or SIGINT
  1  the address could not be had (a busy port is an error, never another port)
  2  the command line is wrong

Nothing leaves this machine: the upstreams are simulated. The master key is made anew at each start.
`;

/** `waymark demo`, which \`npm start\` runs. */
export const addDemo: CommandAdder = (program, context, finish) => {
  program
    .command('demo')
    .summary('run a gateway with simulated upstreams, to try it')
    .description('Runs a gateway with three simulated upstreams and says what to type next.')
    .option('--port <number>', 'port to listen on', readPort, 4000)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--print-config', 'print the config that the demo serves, and stop')
    .option('--detailed-debug', 'log everything that is not content or secret')
    .addHelpText('after', MORE)
    .action(
      finish(async (flags: DemoFlags) => {
        const { runDemo } = await import('./run.ts');
        return runDemo(flags, context);
      }),
    );
};
