/**
 * Numbers that tests and oracle scripts make alike (test/oracle/oracle.py holds the same formula).
 */

/** FNV-1a, 32 bits, of the characters' codes. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/**
 * MurmurHash3's finaliser: a bijection of 32-bit words in which every bit depends on every other.
 */
function scramble(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Random words by name: element i is a hash of the name and i. */
export function words(name: string, length: number): Uint32Array {
  const seed = hashOf(name);
  const out = new Uint32Array(length);
  for (let i = 0; i < length; i++) out[i] = scramble((seed + Math.imul(i, 0x9e3779b9)) >>> 0);
  return out;
}

/** Numbers spread evenly over [low, high), float32. */
export function fill(name: string, length: number, low = -1, high = 1): Float32Array {
  const random = words(name, length);
  const out = new Float32Array(length);
  for (let i = 0; i < length; i++) out[i] = low + (high - low) * ((random[i]! >>> 8) / 0x1000000);
  return out;
}

/** Whole numbers spread evenly over [0, bound). */
export const fillIntegers = (name: string, length: number, bound: number): Int32Array =>
  Int32Array.from(words(name, length), (word) => word % bound);
