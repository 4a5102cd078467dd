import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { ResponseIds } from './response-ids.ts';

const ids = new ResponseIds('a secret of some length');
const owner = ids.ownerMark('team:blue');
const parts = { deploymentId: 'free-id', upstreamId: 'resp_68b1c2', owner };
const sealed = ids.seal(parts) ?? '';

describe('an id of a response', () => {
  test('looks like one, is the same each time, and opens', () => {
    expect(sealed).toMatch(/^resp_[A-Za-z0-9_-]+$/);
    expect(ids.seal(parts)).toBe(sealed);
    const opened = ids.open(sealed);
    expect(opened).toMatchObject({ deploymentId: 'free-id', upstreamId: 'resp_68b1c2' });
    expect(Buffer.from(opened?.owner ?? []).equals(owner)).toBe(true);
    expect(sealed).not.toContain('blue');
  });

  test('opens wherever the secret is the same, and nowhere else', () => {
    expect(new ResponseIds('a secret of some length').open(sealed)).toBeDefined();
    expect(new ResponseIds('another secret').open(sealed)).toBeUndefined();
  });

  test('tells owners apart', () => {
    expect(Buffer.from(ids.ownerMark('team:red')).equals(owner)).toBe(false);
    expect(Buffer.from(ids.ownerMark('user:blue')).equals(owner)).toBe(false);
  });

  test('any parts come back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 120 }), fc.string({ maxLength: 120 }), (one, other) => {
        const id = ids.seal({ deploymentId: one, upstreamId: other, owner }) ?? '';
        const opened = ids.open(id);
        const written = Buffer.from(one).toString();
        expect(opened).toMatchObject({ deploymentId: written, upstreamId: Buffer.from(other).toString() });
      }),
    );
  });

  test('with any one character changed, cut or added, is none', () => {
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.string({ minLength: 0, maxLength: 2 }), (at, other) => {
        const changed = sealed.slice(0, at) + other + sealed.slice(at + 1);
        fc.pre(changed !== sealed);
        expect(ids.open(changed)).toBeUndefined();
      }),
    );
  });

  test.each([
    '',
    'resp_',
    'resp_w1_',
    'resp_68b1c2',
    `${sealed}=`,
    `${sealed}A`,
    ` ${sealed}`,
    `resp_w1_${'A'.repeat(5000)}`,
  ])('%j is none', (id) => {
    expect(ids.open(id)).toBeUndefined();
  });

  test('has a length that is bounded', () => {
    const longest = { deploymentId: 'd'.repeat(512), upstreamId: 'u'.repeat(512), owner };
    const id = ids.seal(longest) ?? '';
    expect(id.length).toBeLessThanOrEqual(1422);
    expect(ids.open(id)?.upstreamId).toBe(longest.upstreamId);
    expect(ids.seal({ ...longest, upstreamId: 'u'.repeat(513) })).toBeUndefined();
    expect(ids.seal({ ...longest, deploymentId: 'ü'.repeat(300) })).toBeUndefined();
  });
});
