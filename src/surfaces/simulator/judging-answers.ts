import { asFields, asText, listOf, positive, textOf, textsOf, type Fields } from './asked.ts';
import { roughTokens } from './text.ts';
import { ID_MARK } from './template.ts';

const CATEGORIES = [
  'harassment',
  'harassment/threatening',
  'hate',
  'hate/threatening',
  'illicit',
  'illicit/violent',
  'self-harm',
  'self-harm/intent',
  'self-harm/instructions',
  'sexual',
  'sexual/minors',
  'violence',
  'violence/graphic',
] as const;

/** A moderation: texts that say `kill` are violent, all others are harmless. Source of the shape: OpenAI's API reference. */
export function moderationBody(fields: Fields): Fields {
  const { input, model = 'omni-moderation-latest' } = fields;
  const parts = listOf(input);
  const isParts = parts.length > 0 && parts.every((part) => typeof part === 'object');
  const texts = isParts ? [textOf(parts)] : textsOf(input);
  return { id: `modr-${ID_MARK}`, model, results: texts.map(moderationOf) };
}

function moderationOf(text: string): Fields {
  const violent = /\bkill\b/i.test(text);
  const each = (value: (hit: boolean) => unknown): Fields =>
    Object.fromEntries(CATEGORIES.map((name) => [name, value(violent && name === 'violence')]));
  return {
    flagged: violent,
    categories: each((hit) => hit),
    category_scores: each((hit) => (hit ? 0.97 : 0.0001)),
    category_applied_input_types: each(() => ['text']),
  };
}

/** Documents by how many words they share with the query. The shape is Cohere's, with Jina's `model` and `usage` beside it. */
export function rerankBody(fields: Fields): Fields {
  const query = wordsOf(asText(fields['query']));
  const texts = listOf(fields['documents']).map(documentText);
  const scored = texts.map((text, index) => ({ index, text, score: scoreOf(query, wordsOf(text)) }));
  scored.sort((one, other) => other.score - one.score || one.index - other.index);
  const returned = fields['return_documents'] === true;
  const results = scored.slice(0, positive(fields['top_n']) ?? texts.length).map(({ index, text, score }) => ({
    index,
    relevance_score: score,
    ...(returned ? { document: { text } } : {}),
  }));
  const tokens = roughTokens(asText(fields['query']).length + texts.join('').length);
  return {
    id: ID_MARK,
    model: fields['model'],
    results,
    meta: { api_version: { version: '2' }, billed_units: { search_units: 1 } },
    usage: { total_tokens: tokens },
  };
}

function documentText(document: unknown): string {
  return typeof document === 'string' ? document : asText(asFields(document)['text']);
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
}

function scoreOf(query: ReadonlySet<string>, words: ReadonlySet<string>): number {
  const common = [...query].filter((word) => words.has(word)).length;
  return query.size === 0 ? 0 : Math.round((1000 * common) / query.size) / 1000;
}
