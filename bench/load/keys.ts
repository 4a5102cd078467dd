import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { medianInterval, show, summarise } from '../statistics.ts';
import { interleave, type Plan, type Sample, type Target } from './interleave.ts';
import { TARGET_CORE } from './processes.ts';
import { cpuPerRequest } from './report.ts';
import { storeKeys } from './stored-keys.ts';
import { startWaymark, type MeasuredGateway } from './waymark.ts';

export interface KeysSetting {
  readonly config: string;
  readonly masterKey: string;
  /** Keys in the second gateway's database. */
  readonly storedKeys: number;
  readonly entry: string | undefined;
}

/**
 * Measures the master key against a stored key on one and the same process, and against a stored key of a second process whose
 * database holds very many. The targets' names in the samples: `waymark` (master key), `key`, `key-of-many`.
 */
export async function measureKeys(
  setting: KeysSetting,
  plan: Omit<Plan, 'targets' | 'key'>,
): Promise<{ samples: Sample[]; entry: string }> {
  const few = await gatewayWithKeys(1, setting);
  try {
    const many = await gatewayWithKeys(setting.storedKeys, setting);
    try {
      const targets = [
        target('waymark', few.gateway, setting.masterKey),
        target('key', few.gateway, few.key),
        target('key-of-many', many.gateway, many.key),
      ];
      const samples = await interleave({ ...plan, targets, key: setting.masterKey });
      return { samples, entry: few.gateway.entry };
    } finally {
      await many.stop();
    }
  } finally {
    await few.stop();
  }
}

function target(name: Target['name'], { pid, port }: MeasuredGateway, key: string): Target {
  return { name, pid, ports: { json: port, burst: port, paced: port }, key };
}

async function gatewayWithKeys(
  count: number,
  { config, entry }: KeysSetting,
): Promise<{ gateway: MeasuredGateway; key: string; stop(): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'waymark-bench-keys-'));
  const clear = (): void => rmSync(dataDir, { recursive: true, force: true });
  try {
    const key = await storeKeys(dataDir, count);
    const gateway = await startWaymark(config, {
      core: TARGET_CORE,
      dataDir,
      ...(entry === undefined ? {} : { entry }),
    });
    const stop = async (): Promise<void> => {
      await gateway.stop();
      clear();
    };
    return { gateway, key, stop };
  } catch (error) {
    clear();
    throw error;
  }
}

/** CPU per request, and the paired ratios with the interval in which the median lies with 95 % confidence, as Markdown. */
export function keysReport(samples: readonly Sample[]): string {
  const scenarios = [...new Set(samples.map((sample) => sample.scenario))];
  const lines = scenarios.flatMap((scenario) => {
    const of = (name: Target['name']): Sample[] =>
      samples.filter((sample) => sample.scenario === scenario && sample.target === name);
    const ratio = (mine: Target['name'], base: Target['name']): string => {
      const bases = new Map(of(base).map((sample) => [sample.round, cpuPerRequest(sample)]));
      const ratios = of(mine).map((sample) => cpuPerRequest(sample) / (bases.get(sample.round) ?? Number.NaN));
      const [low, high] = medianInterval(ratios);
      return `${summarise(ratios).median.toFixed(3)} (95 %: ${low.toFixed(3)}-${high.toFixed(3)}, ${ratios.length} pairs)`;
    };
    const cpu = (name: Target['name']): string => show(summarise(of(name).map(cpuPerRequest)), 1);
    return [
      `| ${[scenario, cpu('waymark'), cpu('key'), cpu('key-of-many'), ratio('key', 'waymark'), ratio('key-of-many', 'key')].join(' | ')} |`,
    ];
  });
  return [
    '| load | CPU us/request, master key | stored key | stored key among many | stored key, x master key | among many, x stored key |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}
