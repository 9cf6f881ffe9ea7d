/** When a denoiser is kept, and which snapshot a share of the training means. */
import { describe, expect, it } from "vitest";

import { snapshotNear, snapshotSteps } from "./snapshot-steps.ts";

describe("the steps of snapshots", () => {
  it("are spaced by equal ratios from a hundredth of the training on, and include its end", () => {
    expect(snapshotSteps(10_000, 4)).toEqual([316, 1000, 3162, 10_000]);
    expect(snapshotSteps(10_000, 1)).toEqual([10_000]);
    expect(snapshotSteps(10_000, 0)).toEqual([]);
  });

  it("are fewer where several would fall on one step", () => {
    expect(snapshotSteps(3, 4)).toEqual([1, 3]);
  });
});

describe("the snapshot near a share of the training", () => {
  const snapshots = [316, 1000, 3162, 10_000];

  it("is the nearest by ratio", () => {
    expect(snapshotNear(0.1, snapshots)).toBe(1000);
    expect(snapshotNear(0.17, snapshots)).toBe(1000);
    expect(snapshotNear(0.18, snapshots)).toBe(3162);
    expect(snapshotNear(0.001, snapshots)).toBe(316);
  });

  it("is never the end of the training, nor after it", () => {
    expect(snapshotNear(0.99, snapshots)).toBe(3162);
    expect(snapshotNear(0.99, snapshots, 3162)).toBe(1000);
  });

  it("is missing where none was kept before the end", () => {
    expect(snapshotNear(0.1, [10_000])).toBeUndefined();
    expect(snapshotNear(0.1, [])).toBeUndefined();
    expect(snapshotNear(0.1, snapshots, 316)).toBeUndefined();
  });
});
