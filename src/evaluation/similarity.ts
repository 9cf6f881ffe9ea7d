/**
 * Similarity of two networks: the intersection over the union of the images they get wrong (paper, section 4).
 * Masks are packed to bits, so that all pairs of hundreds of networks take a moment.
 */

/** Bits set where a prediction differs from the label, 32 images to a word. */
export function wrongMask(predictions: ArrayLike<number>, labels: ArrayLike<number>): Uint32Array {
  const mask = new Uint32Array(Math.ceil(labels.length / 32));
  for (let i = 0; i < labels.length; i++) if (predictions[i] !== labels[i]) mask[i >>> 5]! |= 1 << (i & 31);
  return mask;
}

/** Number of set bits in a 32-bit word. */
function bits(word: number): number {
  word -= (word >>> 1) & 0x55555555;
  word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
  return Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** IoU of two masks; two networks without any mistake are the same, 1. */
function iou(a: Uint32Array, b: Uint32Array): number {
  let both = 0;
  let either = 0;
  for (let i = 0; i < a.length; i++) {
    both += bits(a[i]! & b[i]!);
    either += bits(a[i]! | b[i]!);
  }
  return either === 0 ? 1 : both / either;
}

/** Mean IoU over all pairs of different networks; 1 where there is only one. */
export function meanPairwiseIoU(masks: readonly Uint32Array[]): number {
  let sum = 0;
  let pairs = 0;
  for (let i = 0; i < masks.length; i++) {
    for (let j = 0; j < i; j++) {
      sum += iou(masks[i]!, masks[j]!);
      pairs++;
    }
  }
  return pairs === 0 ? 1 : sum / pairs;
}
