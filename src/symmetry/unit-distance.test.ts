import { describe, expect, it } from "vitest";

import { matrix, rowOf } from "../numeric/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { balanceAll } from "./balance.ts";
import { deep, disguised, networks, shallow } from "./hidden-units.fixture.ts";
import { parametersOf } from "./hidden-units.ts";
import { nearestByAssignment, nearestByMatching } from "./unit-distance.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });
const balancedNetworks = (values: Float32Array, units: typeof shallow) =>
  balanceAll(matrix(values, parametersOf(units)), units);

describe("the nearest networks over all orders of one layer's units", async () => {
  const to = await balancedNetworks(networks("originals", 4, shallow), shallow);

  it("is the network itself when its units are shuffled and scaled", async () => {
    const from = await balancedNetworks(disguised(rowOf(to, 2), "mask", shallow), shallow);
    const [nearest] = await nearestByAssignment({ from, to, units: shallow, same: false }, device);
    expect(nearest?.distance).toBeLessThan(0.01);
    expect(nearest?.next).toBeGreaterThan(1);
  });

  it("is never the network itself when both are the same networks", async () => {
    const found = await nearestByAssignment({ from: to, to, units: shallow, same: true }, device);
    expect(found).toHaveLength(4);
    for (const { distance, next } of found) {
      expect(distance).toBeGreaterThan(1);
      expect(next).toBeGreaterThanOrEqual(distance);
    }
  });
});

describe("the nearest networks by matching several layers", async () => {
  const to = await balancedNetworks(networks("originals", 4, deep), deep);

  it("is found among the candidates", async () => {
    const from = await balancedNetworks(disguised(rowOf(to, 1), "mask", deep), deep);
    const [near] = await nearestByMatching({ from, to, units: deep, same: false }, [Int32Array.of(1, 3)]);
    const [far] = await nearestByMatching({ from, to, units: deep, same: false }, [Int32Array.of(0, 3)]);
    expect(near?.distance).toBeLessThan(0.01);
    expect(far?.distance).toBeGreaterThan(1);
  });

  it("is infinitely far when the network is not finite", async () => {
    const from = matrix(rowOf(to, 0).slice().fill(Number.NaN, 0, 1), to.columns);
    const [nearest] = await nearestByMatching({ from, to, units: deep, same: false }, [Int32Array.of(0, 1)]);
    expect(nearest).toEqual({ distance: Infinity, next: Infinity, index: -1 });
  });
});
