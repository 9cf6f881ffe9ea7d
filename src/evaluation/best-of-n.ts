/**
 * Best of N: what choosing one of a group of networks gains. A choice by the selection split is
 * unbiased on the test split. A choice by the test split is biased upwards, and `optimism` says by
 * how much.
 */

import { yieldToEvents } from "../event-loop.ts";
import { at } from "../lookup.ts";
import { foldIn, integers, type Key, permutation } from "../random/index.ts";
import type { Choice } from "../records/index.ts";
import { meanDeviations, percentileInterval, type Resamples, wrongShare } from "./bootstrap.ts";
import { accuracies, type Mistakes, overlap } from "./similarity.ts";

/** Number of random halvings of the test images. */
const HALVINGS = 200;

/** Index of the greatest value; the first if several are equal. */
function argMax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (at(values, i) > at(values, best)) best = i;
  return best;
}

/**
 * Chooses the best of N ≥ 1 networks by their selection accuracy. For the gain, each round draws N
 * networks with replacement, so it is the gain of a choice among slightly fewer than N.
 * @param options.selection mistakes of the networks on the selection split.
 * @param options.test mistakes of the same networks, in the same order, on the test split.
 * @param options.images resamplings of the test images, for both intervals as many.
 * @throws Interrupted when the signal aborts.
 */
export async function choice({
  selection,
  test,
  images,
  key,
  signal,
}: {
  selection: Mistakes;
  test: Mistakes;
  images: Resamples;
  key: Key;
  signal?: AbortSignal | undefined;
}): Promise<Choice> {
  const selected = accuracies(selection);
  const tested = accuracies(test);
  const chosen = argMax(selected);
  const value = at(tested, chosen);
  const deviations = meanDeviations(wrongShare(test, [chosen]), images);
  const gains = await chosenGains(
    { selection: selected, test: tested },
    foldIn(key, "networks"),
    images.rounds,
    signal,
  );
  return {
    count: test.count,
    bySelection: percentileInterval(
      value,
      deviations.map((wrong) => value - wrong),
    ),
    gain: percentileInterval(gains.reduce((sum, x) => sum + x, 0) / images.rounds, gains),
    byTest: at(tested, argMax(tested)),
    optimism: await optimism(test, foldIn(key, "halves"), signal),
  };
}

/**
 * Test accuracy of the best by selection among N networks drawn with replacement, minus the mean of
 * all, `[rounds]`.
 */
async function chosenGains(
  { selection, test }: { readonly selection: Float64Array; readonly test: Float64Array },
  key: Key,
  rounds: number,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const count = test.length;
  const mean = test.reduce((sum, x) => sum + x, 0) / count;
  const gains = new Float64Array(rounds);
  for (let round = 0; round < rounds; round++) {
    await yieldToEvents(signal);
    // Among equals the first in the random order, so no network is preferred.
    const drawn = integers(foldIn(key, round), count, count);
    let best = at(drawn, 0);
    for (const network of drawn) if (at(selection, network) > at(selection, best)) best = network;
    gains[round] = at(test, best) - mean;
  }
  return gains;
}

/**
 * Expected bias of choosing on the test images, as a fraction. The images are halved at random many
 * times; each half chooses a network, and the other half tests the choice. Accuracies on halves are
 * noisier than on all images, so this slightly overstates the bias.
 */
async function optimism(group: Mistakes, key: Key, signal: AbortSignal | undefined): Promise<number> {
  const { count, images, words, bits, errors } = group;
  if (images < 2) return 0;
  const first = images >>> 1;
  const second = images - first;
  const half = new Uint32Array(words);
  let sum = 0;
  for (let split = 0; split < HALVINGS; split++) {
    await yieldToEvents(signal);
    half.fill(0);
    const order = permutation(foldIn(key, split), images);
    for (let i = 0; i < first; i++) half[at(order, i) >>> 5]! |= 1 << (at(order, i) & 31);
    const inFirst = Float64Array.from({ length: count }, (_, k) => -overlap(bits, k * words, half, 0, words) / first);
    const inSecond = inFirst.map((right, k) => -(at(errors, k) + right * first) / second);
    const byFirst = argMax(inFirst);
    const bySecond = argMax(inSecond);
    // Accuracies minus 1, which have the same differences. With one network both cancel exactly.
    sum += at(inFirst, byFirst) - at(inSecond, byFirst) + (at(inSecond, bySecond) - at(inFirst, bySecond));
  }
  return sum / (2 * HALVINGS);
}
