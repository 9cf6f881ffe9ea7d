import { describe, expect, it } from "vitest";

import { filled, itComputes } from "../../../test/support/op-suites.ts";
import { conv } from "../ops/conv.ts";
import { input } from "../tensor.ts";
import { avoidMiscomputed } from "./webgpu.ts";

const channels = (into: number, out: number, groups = 1) =>
  avoidMiscomputed(input("x", [2, into, 5, 5]), input("w", [out, into / groups, 3, 3])).map(({ shape }) => shape[1]);

describe("a convolution that WebGPU computes wrongly", () => {
  it("gets one more channel of zeros", () => {
    expect(channels(6, 4)).toEqual([7, 7]);
    expect(channels(15, 8)).toEqual([16, 16]);
  });

  it("is none of three input channels, of a multiple of four, of an odd number of results, or of groups", () => {
    expect(channels(3, 4)).toEqual([3, 3]);
    expect(channels(12, 4)).toEqual([12, 12]);
    expect(channels(6, 5)).toEqual([6, 6]);
    expect(channels(6, 4, 2)).toEqual([6, 3]);
  });
});

itComputes({
  "the result with a channel of zeros": [
    conv(
      filled([1, 6, 1], [1, 2, 3, 4, 5, 6]),
      filled(
        [4, 6, 1],
        Array.from({ length: 24 }, (_, i) => i % 6),
      ),
    ),
    [1, 4, 1],
    [70, 70, 70, 70],
  ],
});
