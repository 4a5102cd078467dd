import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { OPERATION_NAMES, OPERATIONS, type Operation } from '../../src/providers/operations.ts';
import { PROVIDERS, targetOf } from '../../src/providers/registry.ts';
import type { ProviderSpec, TargetInput } from '../../src/providers/spec.ts';
import { startFakeUpstream, type FakeUpstream, type RecordedRequest } from '../support/fake-upstream.ts';
import { field, file, FORM_TYPE, formBytes } from '../support/forms.ts';
import { startHarness, type Harness } from '../support/harness.ts';

// One call of each kind through each row of the provider table, as its upstream gets it: a page for people to read, in
// test/fixtures/providers, one file a row. `vitest run test/e2e/provider-requests.test.ts -u` writes them anew.

/** A deployment of a row: the model behind its prefix, and what else it needs. */
interface Subject {
  readonly name: string;
  readonly spec: ProviderSpec;
  readonly model: string;
  readonly extra: { readonly api_version?: string };
  /** What stands in the URL of the default base behind its host. */
  readonly basePath: string;
}

function subjectOf(spec: ProviderSpec): Subject {
  const model = spec.name === 'huggingface' ? 'novita/org/model-1' : 'model-1';
  const basePath = new URL(spec.defaultBase ?? 'http://h/v1').pathname.replace(/\/$/, '');
  return { name: spec.name, spec, model, extra: {}, basePath };
}

const AZURE = PROVIDERS.get('azure') as ProviderSpec;
const SUBJECTS: readonly Subject[] = [
  ...[...PROVIDERS.values()].filter((spec) => spec !== AZURE).map(subjectOf),
  { ...subjectOf(AZURE), basePath: '', extra: { api_version: '2025-03-01-preview' } },
  { ...subjectOf(AZURE), name: 'azure-v1', basePath: '/openai/v1' },
];

const KEY = 'sk-test-0123456789abcdef';

let upstream: FakeUpstream;
let gateway: Harness;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  gateway = await startHarness({
    model_list: SUBJECTS.map(({ name, spec, model, extra, basePath }) => ({
      model_name: name,
      litellm_params: { model: `${spec.name}/${model}`, api_key: KEY, api_base: upstream.url + basePath, ...extra },
    })),
  });
});

beforeEach(() => upstream.reset());

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

/** Behind the model, as a client writes it: what rows have rules for, and what must survive to the byte. */
const BODIES: Readonly<Partial<Record<Operation, string>>> = {
  chat: '"messages":[{"role":"user","content":"Hi"}],"max_completion_tokens":50,"seed":7,"n":1,"user":"u-1","temperature":1.0,"tags":["t"],"big":9007199254740993',
  completions: '"prompt":"Hi","max_tokens":50',
  embeddings: '"input":["Hi"],"encoding_format":"float"',
  responses: '"input":"Hi","max_output_tokens":50',
  moderations: '"input":"Hi"',
  image_generations: '"prompt":"A cat","n":1',
  image_edits: '"prompt":"A hat","images":[{"file_id":"f-1"}]',
  speech: '"input":"Hi","voice":"alloy"',
  rerank: '"query":"Hi","documents":["a","b"],"top_n":1',
};

/** One call: its headline, and what is sent. */
interface Kind {
  readonly title: string;
  readonly operation: Operation;
  body(group: string): string | Buffer;
  readonly type: string;
}

const FORMS = new Set<Operation>(['transcriptions', 'translations', 'image_edits']);

function kindsOf(operation: Operation): readonly Kind[] {
  const json = BODIES[operation];
  const kinds: Kind[] = [];
  const add = (title: string, rest: string): void => {
    const body = (group: string): string => `{"model":${JSON.stringify(group)},${rest}}`;
    kinds.push({ title, operation, type: 'application/json', body });
  };
  if (json !== undefined) add(operation, json);
  if (operation === 'chat') add('chat, streamed', `${json ?? ''},"stream":true`);
  if (FORMS.has(operation)) {
    const parts = operation === 'image_edits' ? [field('prompt', 'A hat'), file('PNG', 'image')] : [file('MP3')];
    const body = (group: string): Buffer => formBytes(field('model', group), ...parts, field('user', 'u-1'));
    kinds.push({ title: `${operation}, as a form`, operation, type: FORM_TYPE, body });
  }
  return kinds;
}

const KINDS = OPERATION_NAMES.flatMap(kindsOf);

/** A request as a person reads it. What differs from run to run (port, boundary) is written the same each time. */
function shown({ method, path, rawHeaders, body }: RecordedRequest): string {
  const headers: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers.push(`${rawHeaders[index] ?? ''}: ${rawHeaders[index + 1] ?? ''}`);
  }
  return [`${method} ${path}`, ...headers, '', body.toString().replaceAll('\r\n', '\n')]
    .join('\n')
    .replaceAll(`127.0.0.1:${upstream.port}`, 'HOST')
    .replaceAll(/waymark-[0-9a-f-]{36}/g, 'waymark-BOUNDARY')
    .trimEnd();
}

/** Where the call would go without an `api_base`. */
function defaultTarget({ spec, model }: Subject, operation: Operation): string {
  if (spec.defaultBase === undefined) return 'with its own api_base only';
  const input: TargetInput = { model: `${spec.name}/${model}`, apiKey: KEY };
  const result = targetOf(input, {});
  if (!result.ok) return result.reason;
  const path = result.target.pathFor(operation, result.target.upstreamModel);
  return path === undefined ? 'with an api_base of your own only' : result.target.origin + path;
}

describe('what each provider is sent', () => {
  test.each(SUBJECTS)('$name', async (subject) => {
    const sections: string[] = [];
    const lacking = new Set<Operation>();
    for (const kind of KINDS) {
      upstream.reset();
      const path = `/v1${OPERATIONS[kind.operation].path}`;
      const answer = await gateway.post(path, kind.body(subject.name), { headers: { 'content-type': kind.type } });
      const text = await answer.text();
      const [request] = upstream.requests;
      if (request === undefined) {
        expect(text).toContain('"code":"endpoint_not_supported"');
        lacking.add(kind.operation);
        continue;
      }
      expect([kind.title, answer.status]).toEqual([kind.title, 200]);
      expect(upstream.requests).toHaveLength(1);
      sections.push(`== ${kind.title}\n-- ${defaultTarget(subject, kind.operation)}\n${shown(request)}`);
    }
    const head = `# ${subject.spec.name}/${subject.model}`;
    const tail = `== not offered\n${[...lacking].join(', ')}`;
    await expect(`${[head, ...sections, tail].join('\n\n')}\n`).toMatchFileSnapshot(
      `../fixtures/providers/${subject.name}.txt`,
    );
  });

  test.each(SUBJECTS.filter(({ spec }) => Object.values(spec.parameters ?? {}).some(({ refused }) => refused?.length)))(
    '$name: every parameter that the row refuses is refused, unless it is to be dropped',
    async ({ name, spec }) => {
      for (const [operation, { refused = [] }] of Object.entries(spec.parameters ?? {})) {
        for (const parameter of refused) {
          const rest = `${BODIES[operation as Operation] ?? ''},"${parameter.name}":{"x":1}`.replace(',"n":1,', ',');
          const path = `/v1${OPERATIONS[operation as Operation].path}`;
          const answer = await gateway.post(path, `{"model":"${name}",${rest}}`);
          expect([parameter.name, answer.status, await answer.json()]).toMatchObject([
            parameter.name,
            400,
            { error: { code: 'unsupported_parameter', param: parameter.name } },
          ]);
          expect(upstream.requests).toEqual([]);
          await gateway.post(path, `{"model":"${name}",${rest},"drop_params":true}`);
          expect(upstream.requests.at(-1)?.json()).not.toHaveProperty(parameter.name);
          upstream.reset();
        }
      }
    },
  );
});
