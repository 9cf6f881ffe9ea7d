import { describe, expect, it } from "vitest";

import { nodeDevice } from "../runtime-node/index.ts";
import { D, drawsOn, equal, equals } from "./draws.fixture.ts";

const draw = drawsOn(nodeDevice({ name: "cpu", threads: 1 }));

describe("interpolate", () => {
  it("lies between two originals, evenly distributed, with one share for all coordinates", async () => {
    const originals = { count: 2, dimension: D, values: Float32Array.of(0, 0, 0, 1, 2, 4) };
    const drawn = await draw("interpolate", originals, 2000);
    const shares = drawn.filter((_, i) => i % D === 0);
    shares.forEach((t, i) => {
      expect(drawn[i * D + 1]).toBeCloseTo(2 * t, 6);
      expect(drawn[i * D + 2]).toBeCloseTo(4 * t, 6);
    });
    expect(Math.max(...shares)).toBeGreaterThan(0.99);
    expect(Math.min(...shares)).toBeLessThan(0.01);
    expect(shares.reduce((a, b) => a + b, 0) / 2000).toBeCloseTo(0.5, 1);
  });

  it("is an original where all originals are equal", async () => {
    expect(await draw("interpolate", equals, 1)).toEqual(equal);
  });
});
