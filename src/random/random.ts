/**
 * Random arrays from explicit keys. A key names a stream; `foldIn` derives the key of a sub-stream
 * from names and numbers (seed → stage → step …), so order of use, resuming and parallelism never
 * change a number. All arithmetic is exact or correctly rounded IEEE arithmetic (+ − × ÷ √);
 * `Math.log` and `Math.cos` are avoided because their last bits differ between engines. The same
 * key gives the same bytes everywhere.
 */
import { at } from "../lookup.ts";
import { normalOf } from "./normal.ts";
import { philox4x32 } from "./philox.ts";

/** The name of a random stream: two unsigned 32-bit words. Plain data, safe to write to JSON. */
export type Key = readonly [number, number];

/** The counter's upper word separates the numbers of a stream from the derivation of keys. */
const STREAM = 0;
const DERIVE = 1;

/**
 * The key of a seed.
 * @param seed a whole number from 0 to 2^53 − 1.
 * @throws RangeError for any other number.
 */
export function key(seed: number): Key {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new RangeError(`a seed is a whole number from 0 to 2^53 - 1, got ${seed}`);
  return [seed >>> 0, Math.floor(seed / 0x100000000) >>> 0];
}

/**
 * The key of a sub-stream.
 * @param names words, and whole numbers below 2^32.
 * @throws RangeError for any other number.
 */
export function foldIn(parent: Key, ...names: readonly (string | number)[]): Key {
  const block = new Uint32Array(4);
  let [k0, k1] = parent;
  const absorb = (word: number, tag: number) => {
    philox4x32(word, tag, 0, DERIVE, k0, k1, block);
    [k0, k1] = [at(block, 0), at(block, 1)];
  };
  for (const name of names) {
    if (typeof name === "number") {
      if (name !== name >>> 0) throw new RangeError(`a stream's number is whole and below 2^32, got ${name}`);
      absorb(name, 1);
    } else {
      for (let i = 0; i < name.length; i++) absorb(name.charCodeAt(i), 2);
      absorb(name.length, 3);
    }
  }
  return [k0, k1];
}

/** `length` random 32-bit words of a stream, from word 0. */
function words([k0, k1]: Key, length: number): Uint32Array {
  const padded = new Uint32Array(Math.ceil(length / 4) * 4);
  for (let block = 0; block * 4 < length; block++) philox4x32(block, 0, 0, STREAM, k0, k1, padded, block * 4);
  return padded.subarray(0, length);
}

/** Uniform numbers in [0, 1): multiples of 2^-24, which float32 holds exactly. */
export function uniform(stream: Key, length: number): Float32Array {
  const out = new Float32Array(length);
  const bits = words(stream, length);
  for (let i = 0; i < length; i++) out[i] = (bits[i]! >>> 8) / 0x1000000;
  return out;
}

/**
 * 1 / (1 − p) with probability 1 − p and 0 otherwise: the factors of dropout with rate p in [0, 1).
 */
export function bernoulli(stream: Key, length: number, p: number): Float32Array {
  const out = new Float32Array(length);
  const bits = words(stream, length);
  const kept = 1 / (1 - p);
  for (let i = 0; i < length; i++) out[i] = bits[i]! / 0x100000000 < p ? 0 : kept;
  return out;
}

/** Whole numbers in [0, bound). The bias of the multiply-and-shift method is below bound / 2^53. */
export function integers(stream: Key, length: number, bound: number): Int32Array {
  const out = new Int32Array(length);
  const bits = words(stream, 2 * length);
  for (let i = 0; i < length; i++)
    out[i] = Math.floor(((bits[2 * i]! >>> 5) * 0x4000000 + (bits[2 * i + 1]! >>> 6)) * (bound / 2 ** 53));
  return out;
}

/** A random order of 0 … length − 1 (Fisher–Yates). */
export function permutation(stream: Key, length: number): Int32Array {
  const order = Int32Array.from({ length }, (_, i) => i);
  const bits = words(stream, 2 * length);
  for (let i = length - 1; i > 0; i--) {
    const unit = ((bits[2 * i]! >>> 5) * 0x4000000 + (bits[2 * i + 1]! >>> 6)) / 2 ** 53;
    const j = Math.floor(unit * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** Independent standard normal numbers by inversion: one word of the stream for each. */
export function normal(stream: Key, length: number): Float32Array {
  const out = new Float32Array(length);
  const bits = words(stream, length);
  for (let i = 0; i < length; i++) out[i] = normalOf(bits[i]!);
  return out;
}
