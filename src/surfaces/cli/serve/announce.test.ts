import { expect, test } from 'vitest';

import type { DeploymentConfig, GatewayConfig } from '../../../config/contract.ts';
import type { Problem } from '../../../core/base/problem.ts';
import { makePaint } from '../paint.ts';
import { announceConfig, type AnnounceOptions } from './announce.ts';

const AT = { file: '/home/someone/config.yaml', line: 2, column: 5 };

function deployment(group: string, id: string, more: Partial<DeploymentConfig> = {}): DeploymentConfig {
  return {
    group,
    id,
    idGiven: true,
    model: 'openai/fake',
    tags: [],
    tagRegex: [],
    extraHeaders: new Map(),
    defaultParams: new Map(),
    private: false,
    allowFailOpen: false,
    accessGroups: [],
    modelInfo: {},
    publicParams: {},
    at: AT,
    ...more,
  };
}

function config(deployments: readonly DeploymentConfig[]): GatewayConfig {
  return {
    files: ['/home/someone/config.yaml', '/etc/waymark/more.yaml'],
    version: '0123456789ab',
    deployments,
    routing: { enableTagFiltering: true, matchAny: true, prefix: '', authority: 'fence', declared: [] },
    aliases: [],
    fallbacks: { general: new Map(), contextWindow: new Map(), contentPolicy: new Map() },
    server: {
      permitWeakMasterKey: false,
      maxRequestBytes: 1,
      timeoutSeconds: 600,
      streamTimeoutSeconds: 600,
      dropParams: false,
      rejectClientTags: false,
    },
    environment: new Map(),
    places: new Map(),
  };
}

const LOOK: AnnounceOptions = {
  paint: makePaint(false),
  cwd: '/home/someone',
  columns: undefined,
  whyNot: ({ unbuildable }) => unbuildable,
};

test('a start names groups, deployments, tags and problems', async () => {
  const deployments = [
    deployment('gpt-4', 'free-1', { tags: ['free'] }),
    deployment('gpt-4', 'paid-1', { tags: ['paid', 'eu'], unbuildable: 'OPENAI_API_KEY is not set' }),
    deployment('embed', 'embed-1'),
  ];
  const problems: Problem[] = [
    {
      code: 'not-supported-yet',
      severity: 'note',
      message: 'cache is not acted on.',
      at: { ...AT, line: 9, column: 3 },
    },
    { code: 'unknown-key', severity: 'warning', message: 'Unknown key "tagz".', at: AT },
    { code: 'general', severity: 'note', message: 'Without a place.' },
  ];
  await expect(announceConfig(config(deployments), problems, LOOK)).toMatchFileSnapshot('golden/start.txt');
});

test('hundreds of deployments are cut short, groups are not', () => {
  const deployments = Array.from({ length: 100 }, (_, index) => deployment(`group-${index}`, `id-${index}`));
  const text = announceConfig(config(deployments), [], LOOK);
  expect(text).toContain('\n    group-99\n');
  expect(text).toContain('and 60 more');
  expect(text).not.toContain('id-99');
});
