import { describe, expect, it } from 'vitest';
import { readCallerTags } from './caller-tags.ts';

describe('readCallerTags', () => {
  it('merges all places in order, without repeats, and keeps every source', () => {
    const reading = readCallerTags(
      { header: ' free , ,paid', tags: ['paid', ' x '], metadataTags: 'free', litellmMetadataTags: ['y'] },
      '',
    );
    expect(reading).toEqual({
      ok: true,
      tags: [
        { text: 'free', sources: ['header', 'body.metadata.tags'] },
        { text: 'paid', sources: ['header', 'body.tags'] },
        { text: 'x', sources: ['body.tags'] },
        { text: 'y', sources: ['body.litellm_metadata.tags'] },
      ],
    });
  });

  it.each([
    [{}, []],
    [{ tags: null }, []],
    [{ tags: [] }, []],
    [{ header: '' }, []],
    [{ tags: 'a,b' }, ['a,b']],
    [{ tags: ['\u00a0a'] }, ['\u00a0a']],
    [{ tags: ['\t a\v\n'] }, ['a']],
    [{ tags: ['x'.repeat(256)] }, ['x'.repeat(256)]],
    [{ tags: Array.from({ length: 64 }, () => 'a') }, ['a']],
    [{ tags: ['__proto__', 'constructor'] }, ['__proto__', 'constructor']],
  ])('accepts %j', (input, wanted) => {
    const reading = readCallerTags(input, '');
    expect(reading.ok && reading.tags.map((tag) => tag.text)).toEqual(wanted);
  });

  it.each([
    [{ tags: 7 }, 'tags'],
    [{ tags: { a: 1 } }, 'tags'],
    [{ tags: false }, 'tags'],
    [{ tags: ['a', null] }, 'tags[1]'],
    [{ tags: [['a']] }, 'tags[0]'],
    [{ tags: '' }, 'tags'],
    [{ metadataTags: ['a', ' \t'] }, 'metadata.tags[1]'],
    [{ litellmMetadataTags: ['a\u0000b'] }, 'litellm_metadata.tags[0]'],
    [{ tags: ['a\u007fb'] }, 'tags[0]'],
    [{ header: 'a\u0001b' }, 'x-litellm-tags'],
    [{ tags: ['x'.repeat(257)] }, 'tags[0]'],
    [{ tags: ['\u00e9'.repeat(129)] }, 'tags[0]'],
    [{ header: 'h', tags: Array.from({ length: 64 }, () => 'a') }, 'tags'],
    [{ tags: ['route:'] }, 'tags[0]'],
    [{ header: 'a,route:' }, 'x-litellm-tags'],
  ])('refuses %j by name', (input, field) => {
    const reading = readCallerTags(input, 'route:');
    expect(reading.ok ? undefined : reading.field).toBe(field);
    expect(reading.ok ? '' : reading.message).toContain(field);
  });
});
