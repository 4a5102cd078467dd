import fc from 'fast-check';
import { expect, test } from 'vitest';

import { Call } from '../call.ts';
import { Admission } from './admit.ts';

const call = (): Call => new Call({ exchange: { aborted: false } } as Call);

test('those that run are cut, once each, and nobody else is, in whatever order calls come and go', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 9 }), { maxLength: 60 }), (steps) => {
      const admission = new Admission();
      const running: Call[] = [];
      const over: Call[] = [];
      for (const step of steps) {
        const leaving = step < 5 ? running.splice(step, 1)[0] : undefined;
        if (leaving === undefined) {
          const coming = call();
          admission.admit(coming);
          running.push(coming);
        } else {
          admission.leave(leaving);
          // A call may be over twice, as one that was never admitted is over too.
          admission.leave(leaving);
          over.push(leaving);
        }
      }
      admission.leave(call());
      admission.cut();
      expect(running.map(({ cutFor }) => cutFor?.code)).toEqual(running.map(() => 'shutting_down'));
      expect(over.map(({ cutFor }) => cutFor)).toEqual(over.map(() => undefined));
    }),
  );
});

test('a closed door takes no more, and what was taken before runs on', () => {
  const admission = new Admission();
  const running = call();
  admission.admit(running);
  expect(admission.open).toBe(true);
  admission.close();
  expect(admission.open).toBe(false);
  expect(() => admission.admit(call())).toThrow(expect.objectContaining({ code: 'shutting_down' }));
  expect(running.aborted).toBe(false);
  admission.cut();
  expect(running.aborted).toBe(true);
});
