import { show, summarise, type Summary } from '../statistics.ts';
import type { Sample, Target } from './interleave.ts';
import { EVENTS_OF_A_STREAM } from './scenarios.ts';

type Measure = (sample: Sample) => number;

/** For loads of streams; nothing for the others. */
function cpuPerEvent(sample: Sample): number {
  return sample.scenario.startsWith('stream') ? cpuPerRequest(sample) / EVENTS_OF_A_STREAM : Number.NaN;
}

const COLUMNS: readonly (readonly [title: string, measure: Measure, digits: number])[] = [
  ['requests/s', (sample) => sample.slice.requests / sample.slice.seconds, 0],
  ['CPU us/request', cpuPerRequest, 1],
  ['CPU us/event', cpuPerEvent, 1],
  ['p50 us', (sample) => sample.slice.p50, 0],
  ['p99 us', (sample) => sample.slice.p99, 0],
  ['first byte p50 us', (sample) => sample.slice.firstByteP50, 0],
  ['core used', (sample) => sample.targetShare, 2],
];

/** CPU time of the target for each request of a slice, in microseconds. */
export function cpuPerRequest(sample: Sample): number {
  return (sample.slice.cpu[0] ?? Number.NaN) / sample.slice.requests;
}

/** One scenario in the figures that the targets are held to. */
export interface Verdict {
  readonly scenario: string;
  /** CPU per request, Waymark over bare, pair by pair. */
  readonly cpuRatio: Summary;
  /** CPU per request, Waymark over the other Waymark, pair by pair; of no count where there is none. */
  readonly cpuRatioToOther: Summary;
  /** Requests per second, Waymark over bare, pair by pair. */
  readonly rateRatio: Summary;
  /** Time to the first body byte, Waymark less bare and less direct, in microseconds, pair by pair. */
  readonly addedOverBare: Summary;
  readonly addedOverDirect: Summary;
}

type Pairing = (mine: Sample, other: Sample) => number;

/** A figure of two targets, from the slices of each round that stood next to each other. */
function paired(
  samples: readonly Sample[],
  [mine, base]: readonly [Target['name'], Target['name']],
  figure: Pairing,
): Summary {
  const others = samples.filter((sample) => sample.target === base);
  return summarise(
    samples
      .filter((sample) => sample.target === mine)
      .flatMap((sample) => {
        const other = others.find((candidate) => candidate.round === sample.round);
        return other === undefined ? [] : [figure(sample, other)];
      }),
  );
}

/** The paired comparison of one scenario. */
export function compare(samples: readonly Sample[], scenario: string): Verdict {
  const under = samples.filter((sample) => sample.scenario === scenario);
  const pairs = (base: Target['name'], figure: Pairing): Summary => paired(under, ['waymark', base], figure);
  const rate: Measure = (sample) => sample.slice.requests / sample.slice.seconds;
  const added = (mine: Sample, other: Sample): number => mine.slice.firstByteP50 - other.slice.firstByteP50;
  return {
    scenario,
    cpuRatio: pairs('bare', (mine, other) => cpuPerRequest(mine) / cpuPerRequest(other)),
    cpuRatioToOther: pairs('other', (mine, other) => cpuPerRequest(mine) / cpuPerRequest(other)),
    rateRatio: pairs('bare', (mine, other) => rate(mine) / rate(other)),
    addedOverBare: pairs('bare', added),
    addedOverDirect: pairs('direct', added),
  };
}

/** Everything as Markdown: one table of figures, one of the paired comparison. Medians with quartiles. */
export function reportText(samples: readonly Sample[]): string {
  const scenarios = [...new Set(samples.map((sample) => sample.scenario))];
  const targets = [...new Set(samples.map((sample) => sample.target))].toSorted();
  const figures = scenarios.flatMap((scenario) =>
    targets.flatMap((target) => {
      const mine = samples.filter((sample) => sample.scenario === scenario && sample.target === target);
      if (mine.length === 0) return [];
      const cells = COLUMNS.map(([, measure, digits]) => show(summarise(mine.map(measure)), digits));
      return [row([scenario, target, ...cells])];
    }),
  );
  const verdicts = scenarios.map((scenario) => {
    const verdict = compare(samples, scenario);
    return row([
      scenario,
      show(verdict.cpuRatio, 2),
      verdict.cpuRatioToOther.count === 0 ? '-' : show(verdict.cpuRatioToOther, 2),
      show(verdict.rateRatio, 2),
      show(verdict.addedOverBare, 0),
      show(verdict.addedOverDirect, 0),
    ]);
  });
  return [
    "Medians, with the quartiles in brackets. `direct` is the simulator without anything between; its CPU is the simulator's.",
    '',
    row(['load', 'target', ...COLUMNS.map(([title]) => title)]),
    row(Array.from({ length: COLUMNS.length + 2 }, () => '---')),
    ...figures,
    '',
    'Waymark against the others, pair by pair:',
    '',
    row([
      'load',
      'CPU, x bare',
      'CPU, x other',
      'requests/s, x bare',
      'first byte, us over bare',
      'first byte, us over direct',
    ]),
    row(Array.from({ length: 6 }, () => '---')),
    ...verdicts,
    '',
    ...rivalsTable(samples, scenarios),
    ...warnings(samples),
  ].join('\n');
}

const RIVALS: readonly Target['name'][] = ['nginx', 'portkey', 'litellm'];

/** What the others cost beside bare, where they were measured. */
function rivalsTable(samples: readonly Sample[], scenarios: readonly string[]): string[] {
  const rivals = RIVALS.filter((rival) => samples.some((sample) => sample.target === rival));
  if (rivals.length === 0) return [];
  const compared = ['waymark' as const, ...rivals];
  const rows = scenarios.flatMap((scenario) => {
    const under = samples.filter((sample) => sample.scenario === scenario);
    if (!under.some((sample) => rivals.includes(sample.target))) return [];
    const ratios = compared.map((target) =>
      paired(under, [target, 'bare'], (mine, bare) => cpuPerRequest(mine) / cpuPerRequest(bare)),
    );
    return [row([scenario, ...ratios.map((ratio) => show(ratio, 2))])];
  });
  return [
    'CPU per request, each x bare, pair by pair:',
    '',
    row(['load', ...compared]),
    row(Array.from({ length: compared.length + 1 }, () => '---')),
    ...rows,
    '',
  ];
}

/** What makes figures doubtful. */
function warnings(samples: readonly Sample[]): string[] {
  const foreign = summarise(samples.map((sample) => sample.foreignShare));
  const limited = samples.filter(
    (sample) => sample.target !== 'direct' && sample.benchShare > 0.95 && sample.targetShare < 0.9,
  );
  const lines = [`Other processes took ${show(foreign, 2)} of the target's core.`];
  if (foreign.median > 0.1) lines.push('The machine was not quiet: trust the ratios, not the rates and times.');
  if (limited.length > 0)
    lines.push(
      `In ${limited.length} slices generator and simulator were the bottleneck: their rates say nothing of the target.`,
    );
  return lines;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
