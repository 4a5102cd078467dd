import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { describeApi } from './openapi.ts';
import { PathTable, ROUTE_NAMES } from './paths.ts';
import { requirePermissions, route, type AdminRoute } from './route.ts';
import { ROUTES } from './routes/all.ts';

const DOCUMENTATION = ['GET /openapi.json', 'GET /docs'];

test('the table of paths is that of the routes', () => {
  expect([...ROUTE_NAMES].sort()).toEqual([...ROUTES.map(({ name }) => name), ...DOCUMENTATION].sort());
});

test.each([
  ['/key/generate', ['POST']],
  ['/key/sk-abc/regenerate', ['POST']],
  ['/key/a/b/regenerate', undefined],
  ['/key//regenerate', undefined],
  ['/key/generate/', undefined],
  ['/constructor', undefined],
])('path %s', (path, methods) => {
  expect(new PathTable(ROUTE_NAMES).methodsOf(path)).toEqual(methods);
});

describe('a route', () => {
  const good = route('GET /key/info', {
    permission: 'key.read',
    summary: 'x',
    answer: z.object({}),
    run: async () => ({}),
  });

  test('with a permission starts', () => {
    expect(requirePermissions([good])).toEqual([good]);
  });

  test.each([undefined, 'key.everything', ''])('with the permission %j does not', (permission) => {
    const bad = { ...good, permission } as unknown as AdminRoute;
    expect(() => requirePermissions([good, bad])).toThrow('The route GET /key/info declares no permission');
  });
});

/** Paths of everything in a schema that has no line of documentation; records of free content aside. */
function undescribed(schema: z.core.$ZodType, path: string): string[] {
  if (schema instanceof z.ZodObject) {
    return Object.entries(schema.shape as Record<string, z.core.$ZodType>).flatMap(([name, each]) => {
      const own = z.globalRegistry.get(each)?.description === undefined ? [`${path}.${name}`] : [];
      return [...own, ...undescribed(each, `${path}.${name}`)];
    });
  }
  if (schema instanceof z.ZodArray) return undescribed(schema.element, `${path}[]`);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return undescribed(schema.unwrap(), path);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((each) => undescribed(each, path));
  if (schema instanceof z.ZodRecord) return undescribed(schema.valueType, path);
  return [];
}

test.each(ROUTES.map((each) => [each.name, each] as const))('%s documents every field', (_, each) => {
  const schemas = { body: each.body, query: each.query, answer: each.answer };
  const found = Object.entries(schemas).flatMap(([part, schema]) =>
    schema === undefined ? [] : undescribed(schema, part),
  );
  expect(found).toEqual([]);
  expect(each.summary).toMatch(/^[A-Z].*\.$/);
});

test('the document names the version', () => {
  expect(describeApi({ version: '1.2.3', litellmVersion: '0' }).openapi.info.version).toBe('1.2.3');
});
