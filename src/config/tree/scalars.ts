/**
 * Where the YAML 1.1 library and PyYAML (which reads LiteLLM's configs) take the same plain text for different values.
 * Source: PyYAML's implicit resolvers. `y` and `n` are text there, a float needs a dot and a signed exponent, `08` is text.
 */
export function agreeWithPyYaml(value: unknown, source: string): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return /^[yn]$/i.test(source) ? source : value;
  if (typeof value === 'number') return isPyYamlNumber(source) ? value : source;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string') return value;
  // Dates, binary and other tags: the text as written is the only reading that every setting can use.
  return source;
}

const INTEGER = /^[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*|[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|[-+]?\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

function isPyYamlNumber(source: string): boolean {
  return INTEGER.test(source) || FLOAT.test(source);
}
