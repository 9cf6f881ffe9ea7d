import { describe, expect, it } from "vitest";
import { tinyRecipe } from "../../../test/support/tiny-run.ts";
import { perceptron } from "../../symmetry/hidden-units.fixture.ts";
import { distanceSeconds } from "./distance-cost.ts";

const zooOf = (kind: string, count: number, hidden: readonly number[] = [16]) =>
  tinyRecipe({ network: { name: "mlp", hidden }, zoo: { kind, count, heldOut: 0 } });
const layout = perceptron(196, 16, 10);

describe("what distances take", () => {
  it("is minutes for thousands of separate trainings, of which every unit is compared with every other", () => {
    const seconds = distanceSeconds(zooOf("seeds", 4000), layout, 4000);
    expect(seconds).toBeGreaterThan(120);
    expect(seconds).toBeLessThan(900);
  });

  it("grows with the product of originals and networks", () => {
    const few = distanceSeconds(zooOf("seeds", 1000), layout, 1000);
    expect(distanceSeconds(zooOf("seeds", 2000), layout, 2000) / few).toBeCloseTo(4, 0);
  });

  it("is little for the checkpoints of one training, compared parameter with parameter", () => {
    expect(distanceSeconds(zooOf("trajectory", 4000), layout, 4000)).toBeLessThan(60);
  });
});
