import type { Explanation, TagEffect } from '../../../core/routing/decision.ts';
import type { Paint } from '../paint.ts';
import { renderTable } from '../table.ts';

/** What the config says of a deployment, for the reader of an explanation. */
export interface DeploymentNote {
  /** `litellm_params.model`. */
  readonly model: string;
  readonly tags: readonly string[];
}

export interface RenderOptions {
  readonly paint: Paint;
  readonly columns: number | undefined;
  readonly notes: ReadonlyMap<string, DeploymentNote>;
  readonly seed: number;
}

type TableLook = Pick<RenderOptions, 'paint' | 'columns'>;
type Deployment = Explanation['deployments'][number];

const EFFECTS: Record<TagEffect, string> = {
  matches: 'selects deployments that carry it',
  fences: 'fences: keeps the call to deployments that carry it',
  requires: 'requires: drops deployments without it',
  excludes: 'excludes: drops deployments that carry it',
  accounting: 'accounting only, takes no part in routing',
  unknown: 'no deployment of the group carries it',
  ignored: 'ignored',
  not_permitted: 'not permitted for this key',
};

const FALLBACK_KINDS: Record<Explanation['fallbacks'][number]['kind'], string> = {
  general: 'on failure',
  context_window: 'prompt too long',
  content_policy: 'content refused',
};

/** The whole explanation for a person: the verdict first, then why. Ends with a line break. */
export function renderExplanation(explanation: Explanation, options: RenderOptions): string {
  return [
    verdict(explanation, options),
    section('Tags', tagTable(explanation, options), options),
    section(deploymentsTitle(explanation), deploymentTable(explanation, options), options),
    section('', summaryTable(explanation, options), options),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function section(title: string, body: string, { paint }: RenderOptions): string {
  if (body === '') return '';
  return title === '' ? body : `${paint.strong(title)}\n${body}`;
}

function verdict(explanation: Explanation, { paint }: RenderOptions): string {
  const asked = explanation.group !== null && explanation.group !== explanation.model;
  const model = asked ? `${explanation.model} (group ${explanation.group})` : explanation.model;
  if (explanation.decision === 'send') {
    const [first = ''] = explanation.order;
    const opened = explanation.failed_open
      ? `\n${paint.careful('Failed open:')} nothing matched or could serve, and the group allows fail-open.`
      : '';
    return `${paint.good('Send')}  ${paint.strong(model)} -> ${paint.strong(first)}${opened}\n`;
  }
  const lines = [
    `${paint.bad('Refuse')}  ${paint.strong(model)}: ${explanation.status} ${explanation.code ?? ''}`.trimEnd(),
  ];
  if (explanation.message !== null) lines.push(explanation.message);
  // The message to a caller holds the suggestion already; one without it leaves it to us.
  const suggested = explanation.message?.includes('Did you mean') === true;
  if (explanation.nearest.length > 0 && !suggested) lines.push(`Did you mean: ${explanation.nearest.join(', ')}`);
  return lines.map((line) => `${line}\n`).join('');
}

function tagTable(explanation: Explanation, { paint, columns }: RenderOptions): string {
  const rows = explanation.tags.map((tag) => [
    effectStyle(tag.effect, paint)(tag.tag),
    tag.kind,
    tag.sources.join(', '),
    EFFECTS[tag.effect],
  ]);
  return titled(['tag', 'kind', 'from', 'effect'], rows, { paint, columns });
}

function titled(titles: readonly string[], rows: readonly string[][], { paint, columns }: TableLook): string {
  if (rows.length === 0) return '';
  return renderTable([titles.map((title) => paint.quiet(title)), ...rows], { indent: 2, width: columns });
}

function effectStyle(effect: TagEffect, paint: Paint): (text: string) => string {
  if (effect === 'not_permitted' || effect === 'unknown') return paint.bad;
  return effect === 'accounting' || effect === 'ignored' ? paint.quiet : paint.name;
}

function deploymentsTitle(explanation: Explanation): string {
  return explanation.filtering ? 'Deployments' : 'Deployments (tag filtering is off for this group)';
}

function deploymentTable(explanation: Explanation, options: RenderOptions): string {
  const { paint, columns, notes } = options;
  const rows = explanation.deployments.map((deployment) => {
    const note = notes.get(deployment.id);
    const standing = standingOf(deployment, explanation);
    const reasons = deployment.reasons.map((reason) => reason.text).join('\n');
    return [
      standing === 'kept' ? paint.good(standing) : paint.quiet(standing),
      standing === 'kept' ? paint.strong(deployment.id) : deployment.id,
      paint.quiet(note?.model ?? ''),
      note === undefined || note.tags.length === 0 ? paint.quiet('no tags') : note.tags.join(', '),
      reasons,
    ];
  });
  return titled(['', 'deployment', 'upstream model', 'tags', 'why'], rows, { paint, columns });
}

function standingOf(deployment: Deployment, explanation: Explanation): string {
  if (explanation.available.includes(deployment.id)) return 'kept';
  return explanation.eligible.includes(deployment.id) ? 'set aside' : 'dropped';
}

function summaryTable(explanation: Explanation, { columns, paint, seed }: RenderOptions): string {
  const order = explanation.order.length === 0 ? 'nothing to try' : explanation.order.join(', then ');
  const shuffled = explanation.order.length > 1 ? paint.quiet(` (shuffled by weight with seed ${seed})`) : '';
  const rows = [[paint.strong('Order'), order + shuffled]];
  for (const { kind, groups } of explanation.fallbacks) {
    rows.push([paint.strong('Fallback'), `${FALLBACK_KINDS[kind]}: ${groups.join(', then ')}`]);
  }
  if (explanation.fallbacks.length === 0) rows.push([paint.strong('Fallback'), 'none configured']);
  rows.push([paint.strong('Config'), `version ${explanation.config_version}`]);
  return renderTable(rows, { width: columns });
}
