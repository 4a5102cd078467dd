import { describe, expect, test } from 'vitest';

import { MASTER } from '../../accounts/principal.ts';
import type { Call } from '../call.ts';
import type { ResponseReference } from './reference.ts';
import { ResponseIds } from './response-ids.ts';
import { ShownIdStream, withReferenceShown, withShownIds } from './shown-ids.ts';

const responseIds = new ResponseIds('a secret of some length');
const OWNER = responseIds.ownerMark('master:master');
const OURS = responseIds.seal({ deploymentId: 'one', upstreamId: 'resp_1', owner: OWNER }) ?? '';

/** A call as far as ids are concerned. */
function callOf(response?: ResponseReference): Call {
  const parts = { deployment: { id: 'one' }, endpoint: { operation: 'responses' }, principal: MASTER };
  return { ...parts, request: { response }, snapshot: { responseIds } } as unknown as Call;
}

const reference = (id: string, upstreamId: string): ResponseReference => ({
  id,
  upstreamId,
  deploymentId: 'one',
  owner: OWNER,
  param: 'response_id',
});

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const event = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;
const CREATED = event({ type: 'response.created', sequence_number: 3, response: { id: 'resp_1' } });

describe('a stream', () => {
  test('waits for nothing but the first event with a response', () => {
    const stream = new ShownIdStream(callOf());
    const early = `: ping\r\n\r\n${event({ type: 'response.queued' })}`;
    expect(text(stream.push(Buffer.from(early)))).toBe(early);
    expect(text(stream.push(Buffer.from(CREATED.slice(0, 60))))).toBe('');
    expect(text(stream.push(Buffer.from(CREATED.slice(60))))).toBe(CREATED.replace('resp_1', OURS));
    const delta = event({ type: 'response.output_text.delta', delta: 'x' });
    expect(text(stream.push(Buffer.from(delta)))).toBe(delta);
    expect(stream.nextSequence).toBe(4);
    expect(text(stream.push(Buffer.from(`${delta}data: "resp_`)))).toBe(`${delta}data: `);
    expect(text(stream.end())).toBe('"resp_');
  });

  test('that ends before it says an id loses nothing', () => {
    const stream = new ShownIdStream(callOf());
    expect(text(stream.push(Buffer.from(CREATED.slice(0, -1))))).toBe('');
    expect(text(stream.end())).toBe(CREATED.slice(0, -1));
    expect(new ShownIdStream(callOf()).end()).toHaveLength(0);
  });

  test('whose first event is too large is passed on, with the id that the client named in our form', () => {
    const large = Buffer.from(`data: {"filler":"${'x'.repeat(5 * 1024 * 1024)}","id":"resp_1"`);
    for (const [call, shown] of [
      [callOf(), 'resp_1'],
      [callOf(reference('ours', 'resp_1')), 'ours'],
    ] as const) {
      const stream = new ShownIdStream(call);
      let out = '';
      for (let at = 0; at < large.length; at += 65_536) out += text(stream.push(large.subarray(at, at + 65_536)));
      out += text(stream.end());
      expect(out.length).toBe(large.length - 'resp_1'.length + shown.length);
      expect(out.slice(-20)).toBe(large.toString().replace('"resp_1"', `"${shown}"`).slice(-20));
    }
  });
});

describe('JSON', () => {
  test.each([
    [
      'both ids, and nothing beside',
      '{ "id" : "resp_1","x":1e400,"previous_response_id":null}',
      `{ "id" : "${OURS}","x":1e400,"previous_response_id":null}`,
    ],
    ['no deeper ones', '{"data":[{"id":"resp_1"}],"id":7}', '{"data":[{"id":"resp_1"}],"id":7}'],
    ['what is no object', '[{"id":"resp_1"}]', '[{"id":"resp_1"}]'],
  ])('%s', (_name, body, wanted) => {
    expect(text(withShownIds(callOf(), Buffer.from(body)))).toBe(wanted);
  });

  test('an id that is too long to be sealed stays what it is', () => {
    const body = `{"id":"${'r'.repeat(600)}"}`;
    expect(text(withShownIds(callOf(), Buffer.from(body)))).toBe(body);
  });

  test('the words of an error name the id that the client knows', () => {
    const words = Buffer.from("No 'resp_1' here: resp_1");
    expect(text(withReferenceShown(callOf(reference('ours', 'resp_1')), words))).toBe("No 'ours' here: ours");
    expect(withReferenceShown(callOf(), words)).toBe(words);
  });
});
