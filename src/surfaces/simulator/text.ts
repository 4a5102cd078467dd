const FILLER = [
  'This',
  'is',
  'a',
  'simulated',
  'answer',
  'that',
  'says',
  'nothing',
  'of',
  'note',
  'at',
  'some',
  'length.',
];

/**
 * The answer `Hello from NAME. This is a simulated ...` as `count` tokens, a word with the space before it each.
 * The same number of tokens always gives the same text.
 */
export function answerTokens(name: string, count: number): string[] {
  const tokens = ['Hello', ' from', ` ${name}.`];
  while (tokens.length < count) tokens.push(` ${FILLER[(tokens.length - 3) % FILLER.length] ?? ''}`);
  return tokens.slice(0, count);
}

/** The same inside a JSON object, for requests that ask for one: `{"answer":"Hello from NAME. ..."}`. */
export function jsonAnswerTokens(name: string, count: number): string[] {
  const inner = answerTokens(name, Math.max(1, count - 2)).map((token) => JSON.stringify(token).slice(1, -1));
  return ['{"answer":"', ...inner, '"}'];
}

/** A rough count of tokens in a text of this many characters: four to a token, at least one. */
export function roughTokens(characters: number): number {
  return Math.max(1, Math.ceil(characters / 4));
}
