import { randomBytes } from 'node:crypto';

import type { GatewayConfig } from '../../../config/contract.ts';
import { readConfig } from '../../../config/read-config.ts';
import type { CliActions, RunningSimulator } from '../actions.ts';
import { EXIT } from '../io.ts';
import { shownUrl } from '../listening.ts';
import { paintFor } from '../paint.ts';
import type { CliContext } from '../program.ts';
import { listen, serveUntilStopped } from '../serve/lifecycle.ts';
import type { DemoFlags } from './command.ts';
import { DEMO_CONFIG, DEMO_MASTER_KEY, DEMO_UPSTREAMS, demoUrlVariable } from './config.ts';
import { demoCalls, renderGuide } from './guide.ts';

/** `waymark demo`: a gateway, three simulated upstreams, and what to type next. */
export async function runDemo(flags: DemoFlags, context: CliContext): Promise<number> {
  const { io, actions, identity } = context;
  if (flags.printConfig === true) {
    io.stdout.write(DEMO_CONFIG);
    return EXIT.ok;
  }
  const upstreams = await startUpstreams(actions);
  try {
    const masterKey = `sk-${randomBytes(24).toString('base64url')}`;
    const gateway = await listen(
      {
        config: demoConfig(masterKey, upstreams),
        host: flags.host,
        port: flags.port,
        logLevel: flags.detailedDebug === true ? 'debug' : 'warn',
        openToAll: false,
        env: io.env,
        database: { kind: 'temporary' },
      },
      actions,
    );
    const url = shownUrl(flags.host === '127.0.0.1' ? 'localhost' : flags.host, gateway.port);
    const calls = demoCalls(url, masterKey, upstreams);
    io.stdout.write(renderGuide({ url, masterKey, calls, version: identity.version }, paintFor(io.stdout, io.env)));
    return await serveUntilStopped(gateway, 5, context);
  } finally {
    await Promise.all(Array.from(upstreams.values(), (upstream) => upstream.close()));
  }
}

async function startUpstreams(actions: CliActions): Promise<ReadonlyMap<string, RunningSimulator>> {
  const started = DEMO_UPSTREAMS.map(
    async (name) =>
      [name, await actions.startSimulator({ name, host: '127.0.0.1', port: 0, seed: 1, usage: true })] as const,
  );
  return new Map(await Promise.all(started));
}

function demoConfig(masterKey: string, upstreams: ReadonlyMap<string, RunningSimulator>): GatewayConfig {
  const urls = DEMO_UPSTREAMS.map((name) => [demoUrlVariable(name), `${upstreams.get(name)?.url ?? ''}/v1`] as const);
  const env = Object.fromEntries([...urls, [DEMO_MASTER_KEY, masterKey]]);
  const { config, problems } = readConfig('demo-config.yaml', { readText: () => DEMO_CONFIG, env });
  if (config === undefined)
    throw new Error(`The bundled config cannot be read: ${problems.map(({ message }) => message).join(' ')}`);
  return config;
}
