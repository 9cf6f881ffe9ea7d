/** Guidance by a worse denoiser. */
import { describe, expect, it } from "vitest";

import { guidanceWeights, guided } from "./guidance.ts";
import type { Predictor } from "./sample-latents.ts";

/** A predictor of `scale · x + t` that reuses its array, as compiled ones do. */
function linear(scale: number): Predictor {
  const into = new Float32Array(2);
  return async (x, t) => {
    for (const i of into.keys()) into[i] = scale * x[i]! + t;
    return into;
  };
}

const x = Float32Array.from([1, -2]);
const always = (weight: number) => new Float32Array(10).fill(weight);

describe("guidance", () => {
  it("is the better prediction where the weight is 1, and the worse one where it is 0", async () => {
    expect(Array.from(await guided(linear(3), linear(2), always(1))(x, 5))).toEqual([8, -1]);
    expect(Array.from(await guided(linear(3), linear(2), always(0))(x, 5))).toEqual([7, 1]);
  });

  it("moves away from the worse prediction in proportion to the weight", async () => {
    expect(Array.from(await guided(linear(3), linear(2), always(4))(x, 5))).toEqual([7 + 4, 1 - 8]);
  });

  it("asks the better predictor alone outside the interval of times", async () => {
    const weights = guidanceWeights({ weight: 4, from: 0.2, to: 0.6 }, 11);
    expect([...weights]).toEqual([1, 1, 4, 4, 4, 4, 4, 1, 1, 1, 1]);
    const unasked: Predictor = () => Promise.reject(new Error("not asked for"));
    expect(Array.from(await guided(linear(3), unasked, weights)(x, 8))).toEqual([11, 2]);
    expect(Array.from(await guided(linear(3), linear(2), weights)(x, 5))).toEqual([11, -7]);
  });

  it("asks predictors that share an array", async () => {
    const into = new Float32Array(2);
    const sharing =
      (scale: number): Predictor =>
      async (at) =>
        into.map((_, i) => (into[i] = scale * at[i]!)) && into;
    expect(Array.from(await guided(sharing(3), sharing(2), always(2))(x, 0))).toEqual([4, -8]);
  });
});
