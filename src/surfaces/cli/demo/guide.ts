import type { RunningSimulator } from '../actions.ts';
import type { Paint } from '../paint.ts';

/** A call to copy, and what its answer will show. */
export interface DemoCall {
  readonly title: string;
  readonly command: string;
  /** Response headers, as they will come. */
  readonly shows: readonly string[];
}

export interface Guide {
  readonly url: string;
  readonly masterKey: string;
  readonly version: string;
  readonly calls: readonly DemoCall[];
}

/** The three calls of the demo: the tags free and paid, and none. */
export function demoCalls(
  url: string,
  masterKey: string,
  upstreams: ReadonlyMap<string, RunningSimulator>,
): DemoCall[] {
  const call = (title: string, upstream: string, tags: readonly string[]): DemoCall => {
    const body = {
      model: 'gpt-4',
      messages: [{ role: 'user', content: 'Hello' }],
      ...(tags.length > 0 ? { tags } : {}),
    };
    const command = [
      `curl -i ${url}/v1/chat/completions`,
      `-H 'Content-Type: application/json'`,
      `-H 'Authorization: Bearer ${masterKey}'`,
      `-d '${JSON.stringify(body)}'`,
    ].join(' ');
    const shows = [
      `x-litellm-model-id: ${upstream}-1`,
      `x-litellm-model-api-base: ${upstreams.get(upstream)?.url ?? ''}/v1`,
    ];
    return { title, command, shows };
  };
  return [
    call('With the tag "free" a call goes to the free deployment:', 'free', ['free']),
    call('With the tag "paid" it goes to the paid one:', 'paid', ['paid']),
    call('Without a tag it goes to the default one:', 'default', []),
  ];
}

/** What a start of the demo prints: the address, the key, the calls. Commands stand at the start of their line, for copying. */
export function renderGuide({ url, masterKey, calls, version }: Guide, paint: Paint): string {
  const steps = calls.flatMap((call) => [
    paint.strong(call.title),
    '',
    paint.name(call.command),
    '',
    ...call.shows.map((header, index) => `${index === 0 ? '  shows ' : '        '}${header}`),
    '',
  ]);
  const lines = [
    `Waymark ${version} running on ${paint.strong(url)} (stop with Ctrl+C)`,
    `Master key ${paint.strong(masterKey)} (made for this run)`,
    'Group gpt-4 has three deployments, each on a simulated upstream of this process: free-1, paid-1, default-1.',
    '',
    'Type these in another terminal:',
    '',
    ...steps,
    'Then ask why, without sending anything:',
    '',
    paint.name(
      `curl -s ${url}/route/explain -H 'Content-Type: application/json' -H 'Authorization: Bearer ${masterKey}' -d '{"model":"gpt-4","tags":["free"]}'`,
    ),
    '',
    'The config that is served: waymark demo --print-config',
  ];
  return lines.map((line) => `${line}\n`).join('');
}
