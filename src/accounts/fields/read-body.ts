import { z } from 'zod';
import { nearest } from '../../core/base/nearest.ts';
import type { Json, JsonObject } from '../contract.ts';
import { descriptionOf, fateOf, type Fate } from './field.ts';
import { kindOf, unstorable, type FieldProblem } from './json-problem.ts';

export type BodyShape = z.ZodObject<z.core.$ZodShape, z.core.$strict>;

export type BodyReading<S extends BodyShape> =
  | { readonly ok: true; readonly value: z.output<S>; readonly extra: JsonObject; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problem: FieldProblem };

/**
 * Reads the body of a management call. `value` has every field as sent; `extra` those of them that are kept and shown only
 * (null: to be forgotten); `warnings` name what is not acted on. A field that nobody knows is refused by name.
 */
export function readBody<S extends BodyShape>(shape: S, json: unknown): BodyReading<S> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return refuse({ code: 'invalid_field', field: 'body', message: `The body is ${kindOf(json)}, not an object.` });
  }
  const problem = unstorable(json) ?? unknownField(shape, json) ?? refusedField(shape, json);
  if (problem !== undefined) return refuse(problem);
  const parsed = shape.safeParse(json);
  if (!parsed.success) return refuse(problemOf(parsed.error, { shape, json }));
  const given = Object.entries(json as JsonObject);
  return {
    ok: true,
    value: parsed.data,
    extra: Object.fromEntries(given.filter(([name]) => KEPT_APART.has(fateIn(shape, name)))),
    warnings: warningsOf(shape, json as JsonObject),
  };
}

const KEPT_APART: ReadonlySet<Fate> = new Set(['stored', 'shown']);

function refuse(problem: FieldProblem): { ok: false; problem: FieldProblem } {
  return { ok: false, problem };
}

function fateIn(shape: BodyShape, name: string): Fate {
  const schema = Object.hasOwn(shape.shape, name) ? shape.shape[name] : undefined;
  return schema === undefined ? 'acted' : fateOf(schema);
}

function unknownField(shape: BodyShape, json: object): FieldProblem | undefined {
  const name = Object.keys(json).find((each) => !Object.hasOwn(shape.shape, each));
  if (name === undefined) return undefined;
  return {
    code: 'invalid_field',
    field: name,
    message: unknownMessage(name, { name, known: Object.keys(shape.shape) }),
  };
}

function unknownMessage(path: string, { name, known }: { name: string; known: readonly string[] }): string {
  const [near] = nearest(name, known, 1);
  return `There is no field ${path} here.${near === undefined ? '' : ` Did you mean ${near}?`}`;
}

function refusedField(shape: BodyShape, json: object): FieldProblem | undefined {
  for (const [name, value] of Object.entries(json)) {
    const schema = shape.shape[name];
    if (schema === undefined || value === null || fateOf(schema) !== 'refused') continue;
    return { code: 'invalid_field', field: name, message: `${name} is not taken. ${descriptionOf(schema)}` };
  }
  return undefined;
}

/** Nothing was asked for: no warning, since clients send such defaults by the dozen. */
function isBlank(value: Json): boolean {
  if (value === null || value === false || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

const WARNINGS: Readonly<Record<Fate, string | undefined>> = {
  acted: undefined,
  shown: undefined,
  refused: undefined,
  unenforced: 'is stored and shown, and not enforced',
  stored: 'is stored and shown, and not acted on',
  ignored: 'is ignored',
};

/** For the fields of `json`, and for those inside of them that have a shape of their own. */
function warningsOf(shape: z.ZodObject, json: JsonObject, parent = ''): string[] {
  return Object.entries(json).flatMap(([name, value]) => {
    const schema = shape.shape[name];
    if (schema === undefined || isBlank(value)) return [];
    const path = join(parent, name);
    const clause = WARNINGS[fateOf(schema)];
    if (clause !== undefined) return [`${path} ${clause}.`];
    const inner = objectIn(schema);
    return inner === undefined || !isObject(value) ? [] : warningsOf(inner, value, path);
  });
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first thing that the schema found, in our words. */
function problemOf(error: z.ZodError, { shape, json }: { shape: BodyShape; json: unknown }): FieldProblem {
  const issue = deepest(error.issues);
  const field = pathText(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const [name = ''] = issue.keys;
    const known = Object.keys(objectIn(schemaAt(shape, issue.path))?.shape ?? {});
    return {
      code: 'invalid_field',
      field: join(field, name),
      message: unknownMessage(join(field, name), { name, known }),
    };
  }
  const found = valueAt(json, issue.path);
  if (found === undefined) return { code: 'missing_field', field, message: `${field} is missing.` };
  if (issue.code === 'invalid_type') {
    const wanted = KINDS.get(issue.expected) ?? issue.expected;
    return { code: 'invalid_field', field, message: `${field} is ${kindOf(found)}, not ${wanted}.` };
  }
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String).join(', ');
    return { code: 'invalid_field', field, message: `${field} is none of ${values}.` };
  }
  return { code: 'invalid_field', field, message: `${field} ${issue.message}.` };
}

/** Of a choice of shapes, the one that came furthest says most. */
function deepest(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue {
  const [issue] = issues;
  if (issue === undefined) throw new TypeError('A schema refused a body and gave no reason');
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors
    .map((each) => deepest(each))
    .map((each) => ({ ...each, path: [...issue.path, ...each.path] }));
  return inner.reduce((best, each) => (each.path.length > best.path.length ? each : best), inner[0] ?? issue);
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ['string', 'a text'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['object', 'an object'],
  ['record', 'an object'],
]);

/** The object that a schema is or wraps, of several the first. */
function objectIn(schema: z.core.$ZodType | undefined): z.ZodObject | undefined {
  if (schema instanceof z.ZodObject) return schema;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return objectIn(schema.unwrap());
  return schema instanceof z.ZodUnion ? schema.options.map(objectIn).find((each) => each !== undefined) : undefined;
}

function itemsIn(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodArray) return schema.element;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return itemsIn(schema.unwrap());
  return schema instanceof z.ZodUnion ? schema.options.map(itemsIn).find((each) => each !== undefined) : undefined;
}

function schemaAt(shape: BodyShape, path: readonly PropertyKey[]): z.core.$ZodType | undefined {
  return path.reduce<z.core.$ZodType | undefined>(
    (schema, step) => (typeof step === 'number' ? itemsIn(schema) : objectIn(schema)?.shape[String(step)]),
    shape,
  );
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : join(text, String(step))),
    '',
  );
}

function join(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`;
}

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, step)
        ? (value as Record<PropertyKey, unknown>)[step]
        : undefined,
    json,
  );
}
