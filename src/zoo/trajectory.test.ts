import { describe, expect, it } from "vitest";

import { foldIn, key, normal } from "../random/index.ts";
import { looksLikeTrajectory } from "./trajectory.ts";

/** Checkpoints in memory, and how many are open. */
function sequence(vectors: readonly Float32Array[]) {
  const opened = { now: 0, most: 0, times: 0 };
  return {
    opened,
    count: vectors.length,
    size: vectors[0]?.length ?? 0,
    async open(index: number) {
      opened.most = Math.max(opened.most, ++opened.now);
      opened.times++;
      return {
        read: async (start: number, end: number, into: Float32Array) => into.set(vectors[index]!.subarray(start, end)),
        close: async () => void opened.now--,
      };
    },
  };
}

const apart = (count: number, size = 50) => Array.from({ length: count }, (_, k) => normal(foldIn(key(1), k), size));

/** Each checkpoint is the one before it and a step. */
function walk(count: number, size = 50): Float32Array[] {
  let now: Float32Array = normal(key(2), size);
  return apart(count, size).map((step) => {
    now = now.map((x, i) => x + 0.1 * step[i]!);
    return now;
  });
}

describe("checkpoints", () => {
  it("look like one training when each is a small step from the one before", async () => {
    expect(await looksLikeTrajectory(sequence(walk(20)))).toBe(true);
  });

  it("do not when all are equally far apart", async () => {
    expect(await looksLikeTrajectory(sequence(apart(20)))).toBe(false);
  });

  it("do not when there are fewer than four", async () => {
    expect(await looksLikeTrajectory(sequence(walk(3)))).toBe(false);
  });

  it("do not when their order is lost", async () => {
    const steps = walk(20);
    const shuffled = steps.map((_, i) => steps[(7 * i) % 20]!);
    expect(await looksLikeTrajectory(sequence(shuffled))).toBe(false);
  });

  it("are opened one after another, the first 200 of them", async () => {
    const many = sequence(walk(230));
    await looksLikeTrajectory(many);
    expect(many.opened).toEqual({ now: 0, most: 1, times: 200 });
  });

  it("are compared by windows when they are long", async () => {
    expect(await looksLikeTrajectory(sequence(walk(6, 40_000)))).toBe(true);
    expect(await looksLikeTrajectory(sequence(apart(6, 40_000)))).toBe(false);
  });
});
