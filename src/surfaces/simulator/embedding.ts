import { seededRandom } from '../../core/base/random.ts';

/** A request must not choose how much memory an answer takes. */
const MOST_DIMENSIONS = 8192;

/** A vector of length 1 that depends on the text and the seed alone: equal texts have equal vectors, others point elsewhere. */
export function embeddingOf(text: string, dimensions: number, seed: number): Float32Array<ArrayBuffer> {
  const random = seededRandom(hashOf(text) ^ seed);
  const vector = new Float32Array(Math.min(dimensions, MOST_DIMENSIONS));
  let squares = 0;
  for (let index = 0; index < vector.length; index += 1) {
    const value = random() - 0.5;
    vector[index] = value;
    squares += value * value;
  }
  const length = Math.sqrt(squares) || 1;
  return vector.map((value) => value / length);
}

/** FNV-1a over UTF-16 code units. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
