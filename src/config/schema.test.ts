import { describe, expect, it } from 'vitest';
import { SECTIONS } from './known-keys/sections.ts';
import { configJsonSchema, type JsonSchema } from './schema.ts';

type Properties = Record<string, JsonSchema>;

describe('the tables of keys', () => {
  it('name no key twice in one table, and describe each', () => {
    for (const section of Object.values(SECTIONS)) {
      for (const [name, known] of section.keys) {
        expect(known.key).toBe(name);
        expect(known.text, `${section.place}.${name}`).toMatch(/^\S.*\.$/);
        expect(name).toMatch(/^[A-Za-z][A-Za-z0-9_-]*$/);
      }
    }
  });
});

describe('configJsonSchema', () => {
  it('has every section, with its keys and their sentences, and no reference that leads nowhere', () => {
    const schema = configJsonSchema();
    const definitions = schema['$defs'] as Properties;
    const names = Object.values(SECTIONS).filter((one) => one !== SECTIONS.topLevel);
    expect(Object.keys(definitions)).toEqual(names.map((one) => one.name));
    for (const section of names) {
      const properties = definitions[section.name]?.['properties'] as Properties;
      expect(Object.keys(properties)).toEqual([...section.keys.keys()]);
    }
    const references = JSON.stringify(schema).match(/#\/\$defs\/\w+/g) ?? [];
    for (const reference of references) expect(Object.keys(definitions)).toContain(reference.slice('#/$defs/'.length));
  });

  it('closes the sections in which a key that nobody knows means nothing', () => {
    const schema = configJsonSchema();
    const definitions = schema['$defs'] as Properties;
    expect(schema['additionalProperties']).toBe(false);
    expect(definitions['routerSettings']?.['additionalProperties']).toBe(false);
    expect(definitions['litellmParams']?.['additionalProperties']).toBe(true);
  });
});
