/** A parameter's name in lower case, and its value without quotes. */
export type Parameter = readonly [name: string, value: string];

const NAME = /^[ \t]*;[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=/;
const TOKEN = /^[^ \t;"\\]+/;
const QUOTED = /^"((?:[^"\\]|\\.)*)"/;

/**
 * The parameters behind a header's value: `; name="a"; filename=b`. Undefined where they are malformed. A backslash before a
 * quote or a backslash escapes it; any other stands for itself, as in the paths that old browsers send.
 */
export function readParameters(text: string): readonly Parameter[] | undefined {
  const parameters: Parameter[] = [];
  let rest = text;
  while (!isOver(rest)) {
    const name = NAME.exec(rest);
    if (name === null) return undefined;
    rest = rest.slice(name[0].length);
    const quoted = QUOTED.exec(rest);
    const value = quoted ?? TOKEN.exec(rest);
    if (value === null) return undefined;
    rest = rest.slice(value[0].length);
    parameters.push([
      (name[1] ?? '').toLowerCase(),
      quoted === null ? value[0] : (quoted[1] ?? '').replace(/\\(["\\])/g, '$1'),
    ]);
  }
  return parameters;
}

/** A semicolon at the end is common and means nothing. Not a regular expression: this one must not look twice at long blanks. */
function isOver(rest: string): boolean {
  const left = rest.trim();
  return left === '' || left === ';';
}
