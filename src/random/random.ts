/**
 * Random arrays from explicit keys. A key names a stream; `fold` derives the key of a sub-stream from names and
 * numbers (seed → stage → step …), so that order of use, resuming and parallelism never change a number. Everything
 * here uses only IEEE arithmetic that is exact or correctly rounded (+ − × ÷ √), no `Math.log` or `Math.cos`, whose
 * last bits differ between engines: the same key gives the same bits everywhere.
 */
import { philox4x32 } from "./philox.ts";

/** The name of a random stream: two unsigned 32-bit words. Plain data, safe to write to JSON. */
export type Key = readonly [number, number];

/** The counter's upper words keep the purposes apart: numbers of a stream, and the derivation of other keys. */
const STREAM = 0;
const DERIVE = 1;

/** The key of a seed, any integer of up to 53 bits. */
export function key(seed: number): Key {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new RangeError(`a seed is a whole number from 0 to 2^53 - 1, got ${seed}`);
  return [seed >>> 0, Math.floor(seed / 0x100000000) >>> 0];
}

/** The key of a sub-stream, named by words and whole numbers below 2^32. */
export function fold(parent: Key, ...names: readonly (string | number)[]): Key {
  const block = new Uint32Array(4);
  let [k0, k1] = parent;
  const absorb = (word: number, tag: number) => {
    philox4x32(word, tag, 0, DERIVE, k0, k1, block);
    [k0, k1] = [block[0]!, block[1]!];
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

/** Uniform numbers in [0, 1), multiples of 2^-24 (every float32 of that grid is exact). */
export function uniform(stream: Key, length: number): Float32Array {
  const out = new Float32Array(length);
  const bits = words(stream, length);
  for (let i = 0; i < length; i++) out[i] = (bits[i]! >>> 8) / 0x1000000;
  return out;
}

/** 1 / (1 − p) with probability 1 − p and 0 otherwise: the factors of dropout with rate p in [0, 1). */
export function bernoulli(stream: Key, length: number, p: number): Float32Array {
  const out = new Float32Array(length);
  const bits = words(stream, length);
  const kept = 1 / (1 - p);
  for (let i = 0; i < length; i++) out[i] = bits[i]! / 0x100000000 < p ? 0 : kept;
  return out;
}

/** Whole numbers in [0, bound); the bias of the multiply-and-shift method is below bound / 2^53. */
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

/** Independent standard normal numbers, by inversion of the distribution function: one word of the stream a number. */
export function normal(stream: Key, length: number): Float32Array {
  const out = new Float32Array(length);
  const bits = words(stream, length);
  for (let i = 0; i < length; i++) out[i] = normalQuantile((bits[i]! + 0.5) / 0x100000000);
  return out;
}

/**
 * The standard normal quantile of p: Wichura's AS 241 (PPND16), Applied Statistics 37 (1988), rational approximations
 * with relative error about 1e-16, without its branch for the farthest tails: p lies between 2^-33 and 1 − 2^-33, the
 * ends of what `normal` draws. Written out, as it is the hot spot of every noisy training step.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    const a =
      ((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r +
        45921.953931549871457) *
        r +
        13731.693765509461125) *
        r +
        1971.5909503065514427) *
        r +
        133.14166789178437745) *
        r +
      3.387132872796366608;
    const b =
      ((((((5226.495278852545925 * r + 28729.085735721942674) * r + 39307.89580009271061) * r + 21213.794301586595867) *
        r +
        5394.1960214247511077) *
        r +
        687.1870074920579083) *
        r +
        42.313330701600911252) *
        r +
      1;
    return (q * a) / b;
  }
  const z = tail(Math.sqrt(-ln(q < 0 ? p : 1 - p)) - 1.6);
  return q < 0 ? -z : z;
}

function tail(r: number): number {
  const c =
    ((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r +
      1.27045825245236838258) *
      r +
      3.64784832476320460504) *
      r +
      5.7694972214606914055) *
      r +
      4.6303378461565452959) *
      r +
    1.42343711074968357734;
  const d =
    ((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r +
      0.14810397642748007459) *
      r +
      0.68976733498510000455) *
      r +
      1.6763848301838038494) *
      r +
      2.05319162663775882187) *
      r +
    1;
  return c / d;
}

/** Natural logarithm of x in (0, 1), to about 1e-16: x = m 2^-e, ln m by the series of the inverse hyperbolic tangent. */
function ln(x: number): number {
  let m = x;
  let e = 0;
  while (m < Math.SQRT1_2) {
    m *= 2;
    e++;
  }
  const r = (m - 1) / (m + 1);
  const square = r * r;
  let sum = 0;
  for (let k = 23; k >= 1; k -= 2) sum = sum * square + 1 / k;
  return 2 * r * sum - e * Math.LN2;
}
