/**
 * Quality of predicted probabilities: negative log-likelihood, Brier score (1950), expected
 * calibration error (Guo et al., "On Calibration of Modern Neural Networks", ICML 2017) and area
 * under the ROC curve.
 */
import { at } from "../lookup.ts";
import { mannWhitney } from "./data-copying.ts";

/** Smallest probability whose logarithm is taken. */
export const PROBABILITY_FLOOR = 1e-12;

/** Scores of each image, `[images]`. */
export interface Scores {
  /** 1 if the most probable class (the first of equals) is the label, else 0. */
  readonly right: Uint8Array;
  /** The greatest probability. */
  readonly confidence: Float32Array;
  /** Negative log-likelihood of the label in nats, at most −ln `PROBABILITY_FLOOR`, about 27.6. */
  readonly nll: Float32Array;
  /** Squared error of the probabilities summed over classes, in [0, 2]. */
  readonly brier: Float32Array;
}

/**
 * Scores of predicted probabilities. An image with a probability that is not finite counts as
 * wrong, with confidence 0 and the greatest loss of either kind.
 * @param probabilities `[images, classes]`; they sum to 1 for each image.
 * @param labels `[images]`, from 0 to classes − 1.
 * @throws RangeError if the number of probabilities is not images × classes.
 */
export function scoresOf(probabilities: ArrayLike<number>, labels: ArrayLike<number>, classes: number): Scores {
  const images = labels.length;
  if (probabilities.length !== images * classes)
    throw new RangeError(`probabilities are [${images} images, ${classes} classes], got ${probabilities.length}`);
  const right = new Uint8Array(images);
  const confidence = new Float32Array(images);
  const nll = new Float32Array(images);
  const brier = new Float32Array(images);
  for (let i = 0; i < images; i++) {
    const label = at(labels, i);
    let best = 0;
    let squares = 0;
    for (let c = 0; c < classes; c++) {
      const p = at(probabilities, i * classes + c);
      if (p > at(probabilities, i * classes + best)) best = c;
      squares += (p - (c === label ? 1 : 0)) ** 2;
    }
    if (!Number.isFinite(squares)) {
      nll[i] = -Math.log(PROBABILITY_FLOOR);
      brier[i] = 2;
      continue;
    }
    right[i] = best === label ? 1 : 0;
    confidence[i] = at(probabilities, i * classes + best);
    nll[i] = -Math.log(Math.max(PROBABILITY_FLOOR, at(probabilities, i * classes + label)));
    brier[i] = squares;
  }
  return { right, confidence, nll, brier };
}

/**
 * Expected calibration error, in [0, 1]: |accuracy − mean confidence| in bins of equal width of the
 * confidence, averaged with the number of images as weights. A bin includes its lower end; the last
 * one includes both. Needs at least one image.
 * @param confidence in [0, 1], `[images]`.
 * @param right 1 or 0, `[images]`.
 */
export function ece(confidence: ArrayLike<number>, right: ArrayLike<number>, bins = 15): number {
  // The number of images in a bin cancels: the weighted difference of means is a difference of sums
  // divided by all images.
  const excess = new Float64Array(bins);
  for (let i = 0; i < confidence.length; i++) {
    const bin = Math.min(bins - 1, Math.floor(at(confidence, i) * bins));
    excess[bin]! += at(confidence, i) - at(right, i);
  }
  return excess.reduce((sum, x) => sum + Math.abs(x), 0) / confidence.length;
}

/**
 * Area under the ROC curve, in [0, 1]: the probability that a positive has a greater score than a
 * negative; ties count ½. NaN counts as 0. O(n log n).
 * @param positives scores, at least one.
 * @param negatives scores, at least one.
 */
export function auroc(positives: ArrayLike<number>, negatives: ArrayLike<number>): number {
  const numbers = (scores: ArrayLike<number>) => Float64Array.from(scores, (x) => (Number.isNaN(x) ? 0 : x));
  return mannWhitney(numbers(positives), numbers(negatives)) / (positives.length * negatives.length);
}
