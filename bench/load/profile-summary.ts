interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
}

/** The part of V8's `.cpuprofile` that is read here. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds between samples. */
  readonly timeDeltas: readonly number[];
}

/** One function and the share of the busy time spent in itself, callees not counted. */
export interface HotSpot {
  readonly share: number;
  readonly name: string;
}

/** The functions that the busy time was spent in, most first. Idle time and start-up's module loading are left out. */
export function hotSpots(profile: CpuProfile): HotSpot[] {
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const times = new Map<string, number>();
  let busy = 0;
  profile.samples.forEach((id, index) => {
    const node = byId.get(id);
    if (node === undefined || node.callFrame.functionName === '(idle)') return;
    const delta = profile.timeDeltas[index] ?? 0;
    const name = nameOf(node);
    times.set(name, (times.get(name) ?? 0) + delta);
    busy += delta;
  });
  return [...times].map(([name, time]) => ({ name, share: time / busy })).toSorted((a, b) => b.share - a.share);
}

function nameOf({ callFrame }: ProfileNode): string {
  const name = callFrame.functionName === '' ? '(anonymous)' : callFrame.functionName;
  const file = callFrame.url.split('/').slice(-2).join('/');
  return file === '' ? name : `${name} ${file}:${callFrame.lineNumber + 1}`;
}
