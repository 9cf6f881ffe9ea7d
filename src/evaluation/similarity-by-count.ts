/**
 * The greatest similarity grows with the number of networks to choose from, whatever the samples.
 * This is how it grows with the number of originals.
 */
import { yieldToEvents } from "../event-loop.ts";
import { type Key, permutation } from "../random/index.ts";
import type { Quantiles, SimilarityByCount } from "../records/index.ts";
import { quantiles } from "./bootstrap.ts";
import { type Mistakes, similarityMatrix } from "./similarity.ts";

/** 1, 2, 5, 10, 20, 50 … and all. */
function countsUpTo(all: number): number[] {
  const counts = [];
  for (let decade = 1; decade < all; decade *= 10)
    for (const part of [1, 2, 5]) if (part * decade < all) counts.push(part * decade);
  return [...counts, all];
}

/**
 * Greatest similarity of the networks of each group with any of the first 1, 2, 5, … originals in a
 * random order. An original is not compared with itself.
 * @throws Interrupted when the signal aborts.
 */
export async function similarityByCount(
  originals: Mistakes,
  groups: readonly { readonly name: string; readonly test: Mistakes }[],
  key: Key,
  signal?: AbortSignal,
): Promise<SimilarityByCount> {
  const counts = countsUpTo(originals.count);
  const order = permutation(key, originals.count);
  const found: SimilarityByCount["groups"][number][] = [];
  for (const { name, test } of groups) {
    const matrix = await similarityMatrix(test, originals, signal);
    const greatest = new Float32Array(test.count);
    const rows: Quantiles[] = [];
    let seen = 0;
    for (const count of counts) {
      for (; seen < count; seen++) {
        await yieldToEvents(signal);
        const original = order[seen]!;
        for (let i = 0; i < test.count; i++) {
          if (test === originals && i === original) continue;
          greatest[i] = Math.max(greatest[i]!, matrix[i * originals.count + original]!);
        }
      }
      rows.push(quantiles(greatest));
    }
    found.push({ name, greatest: rows });
  }
  return { counts, groups: found };
}
