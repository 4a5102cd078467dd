import { setImmediate as turn } from 'node:timers/promises';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { Http1Upstream } from '../../src/adapters/upstream/http1/http1-upstream.ts';
import { UpstreamFailure, type UpstreamRequest } from '../../src/providers/contract.ts';
import { startScriptedServer, type ScriptedRequest } from '../support/scripted-server.ts';

const STAYS = { aborted: false, onAbort: () => undefined };
const TIMEOUTS = { connectSeconds: 5, firstByteSeconds: 10, idleSeconds: 10, totalSeconds: 10 };

/** What a hostile upstream adds, so that another call may take it for its own. */
const EVIL = 'HTTP/1.1 200 OK\r\nx-evil: EVIL\r\ncontent-length: 4\r\n\r\nEVIL';
const TRICKS = {
  none: '',
  'a second answer': EVIL,
  'a 100 and a second answer': `HTTP/1.1 100 Continue\r\n\r\n${EVIL}`,
  'another protocol': `HTTP/1.1 101 Switching Protocols\r\n\r\n${EVIL}`,
  'an empty line and an answer': `\r\n${EVIL}`,
  'half an answer': EVIL.slice(0, 40),
  'a chunk': '4\r\nEVIL\r\n0\r\n\r\n',
  'one byte': 'E',
} as const;

/** A share of a length. Even: fast-check's doubles crowd at zero. */
const shares = fc.noBias(fc.integer({ min: 0, max: 9_999 })).map((share) => share / 10_000);

const plans = fc.record({
  framing: fc.constantFrom('length', 'chunked', 'chunked with extensions', 'close'),
  before: fc.constantFrom('', 'HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\nx-evil: no\r\n\r\n'),
  size: fc.integer({ min: 0, max: 2_000 }),
  cuts: fc.array(shares, { maxLength: 5 }),
  trick: fc.constantFrom(...(Object.keys(TRICKS) as (keyof typeof TRICKS)[])),
  /** The trick comes while nobody asks for anything. */
  late: fc.boolean(),
  /** Ends the connection before the answer is complete. */
  broken: fc.boolean(),
});
type Plan = typeof plans extends fc.Arbitrary<infer Value> ? Value : never;

/** What call number `number` must get, and nobody else. */
const bodyOf = (number: number, size: number): string =>
  `answer-${number};`.repeat(Math.ceil(size / 10)).slice(0, size);

function answerTo(number: number, plan: Plan): string {
  const body = bodyOf(number, plan.size);
  const head = `${plan.before}HTTP/1.1 200 OK\r\nx-number: ${number}\r\n`;
  if (plan.framing === 'length') return `${head}content-length: ${body.length}\r\n\r\n${body}`;
  if (plan.framing === 'close') return `${head}connection: close\r\n\r\n${body}`;
  const extension = plan.framing === 'chunked' ? '' : ';a="EVIL"';
  const half = Math.floor(body.length / 2);
  const chunks = [body.slice(0, half), body.slice(half)].filter((chunk) => chunk !== '');
  const framed = chunks.map((chunk) => `${chunk.length.toString(16)}${extension}\r\n${chunk}\r\n`);
  return `${head}transfer-encoding: chunked\r\n\r\n${framed.join('')}0\r\n\r\n`;
}

async function play({ socket, path }: ScriptedRequest, plan: Plan): Promise<void> {
  const whole = Buffer.from(answerTo(Number(path.slice(1)), plan), 'latin1');
  const closes = plan.framing === 'close';
  const trick = plan.late || closes ? '' : TRICKS[plan.trick];
  const bytes = plan.broken ? whole.subarray(0, whole.byteLength - 1) : whole;
  let at = 0;
  for (const place of [...plan.cuts].sort((a, b) => a - b)) {
    const to = Math.floor(place * bytes.byteLength);
    socket.write(bytes.subarray(at, to));
    at = to;
    await turn();
  }
  // In one write with the answer's last byte: what comes a moment later may meet the next call, and HTTP/1.1 cannot tell then.
  socket.write(Buffer.concat([bytes.subarray(at), Buffer.from(plan.broken ? '' : trick)]));
  if (plan.broken || closes) socket.end();
}

async function ask(upstream: Http1Upstream, origin: string, number: number): Promise<string> {
  const request: UpstreamRequest = {
    origin,
    method: 'POST',
    path: `/${number}`,
    headers: [],
    body: Buffer.from('{}'),
    timeouts: TIMEOUTS,
  };
  const answer = await upstream.send(request, STAYS);
  expect(answer.headers.slice(0, 2)).toEqual(['x-number', String(number)]);
  expect(answer.headers.join()).not.toContain('EVIL');
  return Buffer.from(await answer.body.bytes(100_000)).toString('latin1');
}

/** What came back: the body, or the kind of failure. */
async function outcome(asking: Promise<string>): Promise<string> {
  return asking.catch((error: unknown) => {
    if (!(error instanceof UpstreamFailure)) throw error;
    return error.kind;
  });
}

/** What one lane of calls does: one after the other, on connections that lanes share. */
async function runLane(
  plan: readonly (readonly [number, Plan])[],
  { upstream, origin, gone }: { upstream: Http1Upstream; origin: string; gone: (number: number) => Promise<void> },
): Promise<void> {
  for (const [number, { size, broken, framing, late, trick }] of plan) {
    const got = await outcome(ask(upstream, origin, number));
    // One byte less is the end of an answer all the same where only the connection's end says so.
    if (broken && framing === 'close') expect([bodyOf(number, size).slice(0, -1), 'reset']).toContain(got);
    else expect(got).toBe(broken ? 'reset' : bodyOf(number, size));
    if (late && !broken && framing !== 'close' && trick !== 'none') await gone(number);
  }
}

test('a call gets its own answer or none, whatever the upstream sends before, behind and between', async () => {
  const playing = new Map<number, Plan>();
  await using server = await startScriptedServer(async (request) => {
    const plan = playing.get(Number(request.path.slice(1)));
    if (plan !== undefined) await play(request, plan);
  });
  let next = 0;
  const numbered = fc.array(fc.array(plans, { maxLength: 5 }), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(numbered, async (lanes) => {
      const upstream = new Http1Upstream({ env: {} });
      const gone = async (number: number): Promise<void> => {
        const request = server.requests.find(({ path }) => path === `/${number}`);
        request?.socket.write(TRICKS[playing.get(number)?.trick ?? 'none']);
        await request?.gone;
      };
      const all = lanes.map((lane) => lane.map((plan) => [(next += 1), plan] as const));
      for (const [number, plan] of all.flat()) playing.set(number, plan);
      // Lanes with late tricks run alone: another lane could take the connection in the moment before.
      for (const lane of all)
        if (lane.some(([, { late }]) => late)) await runLane(lane, { upstream, origin: server.url, gone });
      const together = all.filter((lane) => lane.every(([, { late }]) => !late));
      await Promise.all(together.map(async (lane) => runLane(lane, { upstream, origin: server.url, gone })));
      await upstream.close();
    }),
    { numRuns: 120 },
  );
});

/** Bytes that are an answer no more, or another one. */
const mutants = fc
  .tuple(
    plans,
    fc.array(
      fc.tuple(
        shares,
        fc.nat({ max: 4 }),
        fc.constantFrom(
          '',
          '\r',
          '\n',
          '\r\n',
          '\0',
          ' ',
          ':',
          '0',
          '9',
          'f',
          '\r\n\r\n',
          'transfer-encoding: chunked\r\n',
          'content-length: 9\r\n',
        ),
      ),
      { minLength: 1, maxLength: 4 },
    ),
  )
  .map(([plan, edits]) => {
    let text = answerTo(1, plan);
    for (const [place, removed, added] of edits) {
      const at = Math.floor(place * text.length);
      text = text.slice(0, at) + added + text.slice(at + removed);
    }
    return { text, ends: plan.broken };
  });

test('whatever comes back, a call ends: with an answer, or with an UpstreamFailure', async () => {
  let now = { text: '', ends: true };
  await using server = await startScriptedServer(({ socket }) => {
    socket.write(now.text, 'latin1');
    if (now.ends) socket.end();
  });
  const upstream = new Http1Upstream({ env: {} });
  const kinds = new Set<string>();
  await fc.assert(
    fc.asyncProperty(mutants, async (mutant) => {
      now = mutant;
      const timeouts = { connectSeconds: 5, firstByteSeconds: 0.1, idleSeconds: 0.1, totalSeconds: 0.5 };
      const sending = upstream.send(
        { origin: server.url, method: 'POST', path: '/', headers: [], body: Buffer.from('{}'), timeouts },
        STAYS,
      );
      const text = await outcome(
        sending.then(async (answer) => Buffer.from(await answer.body.bytes(100_000)).toString('latin1')),
      );
      kinds.add(['reset', 'malformed', 'idle_timeout', 'first_byte_timeout'].includes(text) ? text : 'an answer');
    }),
    { numRuns: 200 },
  );
  await upstream.close();
  expect([...kinds]).toEqual(expect.arrayContaining(['an answer', 'idle_timeout', 'malformed', 'reset']));
});
