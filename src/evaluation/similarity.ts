/**
 * Similarity of two networks: the intersection over union of the test images they classify wrongly
 * (paper, section 4.1). Mistakes are packed into bits, 32 images to a word, and |A ∪ B| = |A| + |B|
 * − |A ∩ B|, so all pairs of thousands of networks take seconds. The similarity is 1 if neither
 * network makes a mistake, and 0 if only one does.
 */

import { yieldToEvents } from "../event-loop.ts";

/** The images that each network of a group classifies wrongly, as bits. */
export interface Mistakes {
  /** Number of networks. */
  readonly count: number;
  readonly images: number;
  /** Words for each network: `images / 32`, rounded up. */
  readonly words: number;
  /**
   * `[count, words]`; image i is bit `i % 32` of word `i / 32`. Bits after the last image are 0.
   */
  readonly bits: Uint32Array;
  /** Number of wrong images of each network, `[count]`. */
  readonly errors: Uint32Array;
}

/**
 * The mistakes of a group of networks.
 * @param predictions classes, `[count, images]`.
 * @param labels `[images]`.
 * @throws RangeError if the predictions are not of a whole number of networks.
 */
export function mistakes(predictions: ArrayLike<number>, labels: ArrayLike<number>): Mistakes {
  const images = labels.length;
  const count = predictions.length / images;
  if (!Number.isInteger(count))
    throw new RangeError(`predictions are [networks, ${images} images], got ${predictions.length}`);
  const words = Math.ceil(images / 32);
  const bits = new Uint32Array(count * words);
  const errors = new Uint32Array(count);
  for (let k = 0; k < count; k++) {
    let wrong = 0;
    for (let i = 0; i < images; i++) {
      if (predictions[k * images + i] !== labels[i]) {
        bits[k * words + (i >>> 5)]! |= 1 << (i & 31);
        wrong++;
      }
    }
    errors[k] = wrong;
  }
  return { count, images, words, bits, errors };
}

/** Accuracy of each network on the images, fractions in [0, 1], `[count]`. */
export function accuracies({ errors, images }: Mistakes): Float64Array {
  return Float64Array.from(errors, (wrong) => (images - wrong) / images);
}

/** Accuracy of network `i` on the first `count` images. */
export function accuracyOnFirst({ words, bits }: Mistakes, i: number, count: number): number {
  let wrong = 0;
  for (let image = 0; image < count; image++) wrong += (bits[i * words + (image >>> 5)]! >>> (image & 31)) & 1;
  return (count - wrong) / count;
}

/** The mistakes of some networks of a group, in the order of `rows`. */
export function mistakesOf({ images, words, bits, errors }: Mistakes, rows: readonly number[]): Mistakes {
  const own = new Uint32Array(rows.length * words);
  rows.forEach((row, i) => {
    own.set(bits.subarray(row * words, (row + 1) * words), i * words);
  });
  return { count: rows.length, images, words, bits: own, errors: Uint32Array.from(rows, (row) => errors[row]!) };
}

/** Number of set bits in a 32-bit word. */
function bitsOf(word: number): number {
  word -= (word >>> 1) & 0x55555555;
  word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
  return Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * Number of bits set in both of two rows of `words` words, which start at `i` in `a` and at `j` in
 * `b`. Eight words at a time go through bitwise full adders (Harley and Seal): `ones`, `twos` and
 * `fours` hold the binary digits of 32 sums, and only what is carried to the eights is counted.
 * This takes half the time of counting every word.
 */
export function overlap(a: Uint32Array, i: number, b: Uint32Array, j: number, words: number): number {
  const both = (word: number): number => a[i + word]! & b[j + word]!;
  let ones = 0;
  let twos = 0;
  let fours = 0;
  let eights = 0;
  let w = 0;
  for (; w + 8 <= words; w += 8) {
    // The sum of x, y and z is x ^ y ^ z, their carry (x & y) | ((x ^ y) & z).
    let x = both(w);
    let y = both(w + 1);
    const twosA = (x & y) | ((x ^ y) & ones);
    ones ^= x ^ y;
    x = both(w + 2);
    y = both(w + 3);
    const twosB = (x & y) | ((x ^ y) & ones);
    ones ^= x ^ y;
    x = both(w + 4);
    y = both(w + 5);
    const twosC = (x & y) | ((x ^ y) & ones);
    ones ^= x ^ y;
    x = both(w + 6);
    y = both(w + 7);
    const twosD = (x & y) | ((x ^ y) & ones);
    ones ^= x ^ y;
    const foursA = (twosA & twosB) | ((twosA ^ twosB) & twos);
    twos ^= twosA ^ twosB;
    const foursB = (twosC & twosD) | ((twosC ^ twosD) & twos);
    twos ^= twosC ^ twosD;
    eights += bitsOf((foursA & foursB) | ((foursA ^ foursB) & fours));
    fours ^= foursA ^ foursB;
  }
  let sum = 8 * eights + 4 * bitsOf(fours) + 2 * bitsOf(twos) + bitsOf(ones);
  for (; w < words; w++) sum += bitsOf(both(w));
  return sum;
}

/**
 * Number of images that network `i` of one group and network `j` of another both classify wrongly.
 */
const shared = (a: Mistakes, i: number, b: Mistakes, j: number): number =>
  overlap(a.bits, i * a.words, b.bits, j * b.words, a.words);

/** Intersection over union of the mistakes of two networks. */
function iou(a: Mistakes, i: number, b: Mistakes, j: number): number {
  const both = shared(a, i, b, j);
  const either = a.errors[i]! + b.errors[j]! - both;
  return either === 0 ? 1 : both / either;
}

/**
 * Similarities of all networks of one group to all of another, or of the same, `[a.count,
 * b.count]`.
 * @throws Interrupted when the signal aborts.
 */
export async function similarityMatrix(a: Mistakes, b: Mistakes = a, signal?: AbortSignal): Promise<Float32Array> {
  const matrix = new Float32Array(a.count * b.count);
  for (let i = 0; i < a.count; i++) {
    await yieldToEvents(signal);
    for (let j = a === b ? i : 0; j < b.count; j++) {
      const similarity = iou(a, i, b, j);
      matrix[i * b.count + j] = similarity;
      if (a === b) matrix[j * b.count + i] = similarity;
    }
  }
  return matrix;
}

/**
 * Mean similarity over all pairs of different networks of a group; 1 if there is only one.
 * @throws Interrupted when the signal aborts.
 */
export async function meanWithin(a: Mistakes, signal?: AbortSignal): Promise<number> {
  let sum = 0;
  for (let i = 0; i < a.count; i++) {
    await yieldToEvents(signal);
    for (let j = 0; j < i; j++) sum += iou(a, i, a, j);
  }
  return a.count < 2 ? 1 : (2 * sum) / (a.count * (a.count - 1));
}

/**
 * Mean similarity over all pairs of a network of one group and one of another.
 * @throws Interrupted when the signal aborts.
 */
export async function meanBetween(a: Mistakes, b: Mistakes, signal?: AbortSignal): Promise<number> {
  let sum = 0;
  for (let i = 0; i < a.count; i++) {
    await yieldToEvents(signal);
    for (let j = 0; j < b.count; j++) sum += iou(a, i, b, j);
  }
  return sum / (a.count * b.count);
}

/**
 * For each network of one group the most similar one of another, `[a.count]`: the first of equals,
 * and never itself if both groups are the same. Without a candidate the similarity is NaN and the
 * index −1.
 * @throws Interrupted when the signal aborts.
 */
export async function greatest(
  a: Mistakes,
  b: Mistakes,
  signal?: AbortSignal,
): Promise<{ similarity: Float32Array; index: Int32Array }> {
  // In double precision, because float32 rounding could rank a value below its equals.
  const best = new Float64Array(a.count).fill(Number.NaN);
  const index = new Int32Array(a.count).fill(-1);
  const offer = (i: number, j: number, value: number) => {
    if (index[i]! >= 0 && value <= best[i]!) return;
    best[i] = value;
    index[i] = j;
  };
  for (let i = 0; i < a.count; i++) {
    await yieldToEvents(signal);
    // Within one group a pair is computed once; every network still meets the others in order.
    for (let j = 0; j < (a === b ? i : b.count); j++) {
      const value = iou(a, i, b, j);
      offer(i, j, value);
      if (a === b) offer(j, i, value);
    }
  }
  return { similarity: Float32Array.from(best), index };
}

/**
 * Agreement of two networks on which images are hard, beyond chance: Cohen's κ of right and wrong.
 * Unlike the similarity it does not rise when both networks get worse. 1 if there is nothing to
 * agree on by chance.
 */
export function kappa(a: Mistakes, i: number, b: Mistakes, j: number): number {
  const both = shared(a, i, b, j);
  const [wrongA, wrongB, images] = [a.errors[i]!, b.errors[j]!, a.images];
  const agreed = (images - wrongA - wrongB + 2 * both) / images;
  const expected = (wrongA * wrongB + (images - wrongA) * (images - wrongB)) / images ** 2;
  return expected === 1 ? 1 : (agreed - expected) / (1 - expected);
}
