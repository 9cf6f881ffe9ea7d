import { describe, expect, it } from "vitest";

import { integers, key, uniform } from "../random/index.ts";
import { pullOf, seenShare } from "./seen-unseen.ts";

/** Networks of which a share has an unseen network as the nearest of all. */
function nearest(count: number, unseen: number, sizes: { seen: number; unseen: number }) {
  const draws = uniform(key(1), count);
  const toUnseen = Array.from(draws, (u) => (u < unseen ? 0.5 : 1.5));
  return {
    seen: { distance: Array<number>(count).fill(1), index: integers(key(2), count, sizes.seen) },
    unseen: { distance: toUnseen, index: integers(key(3), count, sizes.unseen) },
  };
}

describe("seen against unseen networks", () => {
  const sizes = { seen: 150, unseen: 50 };

  it("are even odds where an unseen network is the nearest as often as its number says", () => {
    const even = nearest(1000, 0.25, sizes);
    expect(seenShare(even, sizes)).toBeCloseTo(0.5, 1);
    expect(pullOf(even, sizes, key(4)).p).toBeGreaterThan(0.01);
  });

  it("find samples that hold on to what was learned from", () => {
    const copies = nearest(400, 0, sizes);
    expect(seenShare(copies, sizes)).toBeGreaterThan(0.99);
    expect(pullOf(copies, sizes, key(4)).p).toBeLessThan(0.01);
    // Three to one: 10 % where even odds are 25 %.
    expect(seenShare(nearest(2000, 0.1, sizes), sizes)).toBeCloseTo(0.75, 1);
  });

  it("leave out networks that are not finite, and know nothing without networks", () => {
    const none = { distance: [Number.POSITIVE_INFINITY], index: [-1] };
    expect(seenShare({ seen: none, unseen: none }, sizes)).toBeNaN();
  });
});
