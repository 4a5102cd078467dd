import { show, summarise, type Summary } from '../statistics.ts';
import type { Sample, Target } from './interleave.ts';

type Measure = (sample: Sample) => number;

const COLUMNS: readonly (readonly [title: string, measure: Measure, digits: number])[] = [
  ['requests/s', (sample) => sample.slice.requests / sample.slice.seconds, 0],
  ['CPU us/request', cpuPerRequest, 1],
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

/** The paired comparison of one scenario. */
export function compare(samples: readonly Sample[], scenario: string): Verdict {
  const pairs = (base: Target['name'], figure: (mine: Sample, other: Sample) => number): Summary => {
    const of = (target: Target['name']): Sample[] =>
      samples.filter((sample) => sample.scenario === scenario && sample.target === target);
    const others = of(base);
    return summarise(
      of('waymark').flatMap((mine) => {
        const other = others.find((candidate) => candidate.round === mine.round);
        return other === undefined ? [] : [figure(mine, other)];
      }),
    );
  };
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
    targets.map((target) => {
      const mine = samples.filter((sample) => sample.scenario === scenario && sample.target === target);
      const cells = COLUMNS.map(([, measure, digits]) => show(summarise(mine.map(measure)), digits));
      return row([scenario, target, ...cells]);
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
    ...warnings(samples),
  ].join('\n');
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
