import { expect, test } from 'vitest';

import type { Explanation } from '../../../core/routing/decision.ts';
import { makePaint } from '../paint.ts';
import { renderExplanation } from './render.ts';

const SENT: Explanation = {
  decision: 'send',
  status: 200,
  code: null,
  message: null,
  model: 'gpt-4',
  group: 'gpt-4',
  filtering: true,
  eligible: ['free-1', 'free-2', 'free-3'],
  available: ['free-1', 'free-2'],
  order: ['free-2', 'free-1'],
  failed_open: false,
  tags: [
    { tag: 'teamA', sources: ['team'], kind: 'plain', effect: 'fences' },
    { tag: 'free', sources: ['header', 'body.tags'], kind: 'plain', effect: 'matches' },
    { tag: 'my-custom-tag', sources: ['header'], kind: 'plain', effect: 'accounting' },
  ],
  deployments: [
    { id: 'free-1', kept: true, reasons: [{ code: 'matches', text: 'carries "free"' }] },
    { id: 'free-2', kept: true, reasons: [{ code: 'matches', text: 'carries "free"' }] },
    { id: 'free-3', kept: false, reasons: [{ code: 'cooling', text: 'carries "free"; cooling down' }] },
    {
      id: 'paid-1',
      kept: false,
      reasons: [
        { code: 'outside_fence', text: 'carries none of the tags of the team: teamA' },
        { code: 'no_match', text: 'carries none of the tags that the caller asks for: free, my-custom-tag' },
      ],
    },
  ],
  fallbacks: [{ kind: 'general', groups: ['gpt-3.5', 'backup'] }],
  nearest: [],
  retry_after: null,
  config_version: '0123456789ab',
};

const REFUSED: Explanation = {
  ...SENT,
  decision: 'refuse',
  status: 400,
  code: 'no_deployment_for_tags',
  message: 'No deployment of gpt-4 matches the tags.',
  model: 'smart',
  eligible: [],
  available: [],
  order: [],
  tags: [{ tag: 'fre', sources: ['body.tags'], kind: 'plain', effect: 'unknown' }],
  deployments: [{ id: 'free-1', kept: false, reasons: [{ code: 'no_match', text: 'carries none of the tags: fre' }] }],
  fallbacks: [],
  nearest: ['free'],
};

const FAILED_OPEN: Explanation = { ...SENT, failed_open: true, filtering: false, fallbacks: [], retry_after: null };

const NOTES = new Map([
  ['free-1', { model: 'openai/fake', tags: ['free', 'teamA'] }],
  ['free-2', { model: 'openai/fake', tags: ['free', 'teamA'] }],
  ['free-3', { model: 'openai/fake', tags: ['free', 'teamA'] }],
  ['paid-1', { model: 'openai/gpt-4o', tags: [] }],
]);

test.each([
  ['sent', SENT, { colours: false, columns: 90 }],
  ['sent-in-colour', SENT, { colours: true, columns: 120 }],
  ['refused', REFUSED, { colours: false, columns: undefined }],
  ['failed-open', FAILED_OPEN, { colours: false, columns: undefined }],
])('renders an explanation that is %s', async (name, explanation, { colours, columns }) => {
  const text = renderExplanation(explanation, { paint: makePaint(colours), columns, notes: NOTES, seed: 1 });
  await expect(text).toMatchFileSnapshot(`golden/${name}.txt`);
});
