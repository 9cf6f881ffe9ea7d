import { describe, expect, it } from "vitest";

import { type CopyGroup, countCopies, fisher } from "./copies.ts";

/** Networks at a distance, isolated or not, with their greatest IoU. */
const group = (count: number, distance: number, isolation: number, similarity?: number): CopyGroup => ({
  distances: {
    standardised: new Float64Array(count).fill(distance),
    isolation: new Float64Array(count).fill(isolation),
  },
  ...(similarity !== undefined && { greatest: new Float64Array(count).fill(similarity) }),
});
const joined = (...groups: readonly CopyGroup[]): CopyGroup => ({
  distances: {
    standardised: Float64Array.from(groups.flatMap(({ distances }) => [...distances.standardised])),
    isolation: Float64Array.from(groups.flatMap(({ distances }) => [...distances.isolation])),
  },
  greatest: groups.flatMap(({ greatest }) => Array.from(greatest ?? [])),
});

describe("copies among samples", () => {
  const fresh = group(225, 1, 0.95, 0.74);

  it("are those near one original and far from all others", () => {
    const samples = joined(group(6, 0.01, 0.01, 1), group(54, 1, 0.95, 0.74));
    const found = countCopies(samples, [fresh], 0.5);
    expect(found).toMatchObject({ near: 6, alike: 6, count: 6, samples: 60, fresh: { count: 0, networks: 225 } });
    expect(found.p).toBeLessThan(0.001);
    expect(countCopies(group(60, 0.3, 0.9, 0.5), [fresh], 0.5).count).toBe(0);
  });

  it("are those with the mistakes of one original, however far they lie", () => {
    const samples = joined(group(10, 6, 0.99, 1), group(50, 1, 0.95, 0.74));
    expect(countCopies(samples, [fresh], 0.5)).toMatchObject({ near: 0, alike: 10, count: 10 });
  });

  it("are not counted by mistakes where fresh networks are as alike", () => {
    const alike = joined(group(100, 1, 0.95, 1), group(125, 1, 0.95, 0.74));
    expect(countCopies(group(60, 1, 0.95, 1), [alike], 0.5)).toMatchObject({ alike: 60, count: 0, p: 1 });
  });

  it("are none that chance would not give without predictions either", () => {
    const found = countCopies(joined(group(1, 0.01, 0.01), group(59, 1, 0.95)), [group(30, 1, 0.95)], 0.5);
    expect(found).toMatchObject({ count: 1, similarity: Number.NaN });
    expect(found.p).toBeGreaterThan(0.5);
  });
});

describe("Fisher's exact test", () => {
  it("gives the probability of at least as many in the first group", () => {
    // Of C(6, 3) = 20 ways to choose the three marked, one has all three in the first group.
    expect(fisher(3, 3, 0, 3)).toBeCloseTo(1 / 20, 12);
    expect(fisher(2, 3, 1, 3)).toBeCloseTo(10 / 20, 12);
    expect(fisher(0, 5, 0, 5)).toBe(1);
    expect(fisher(18, 60, 0, 100)).toBeCloseTo(3.386e-9, 11);
  });
});
