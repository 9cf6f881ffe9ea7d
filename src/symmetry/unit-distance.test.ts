import { describe, expect, it } from "vitest";

import { at } from "../lookup.ts";
import { matrix, rowOf } from "../numeric/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { balanceAll } from "./balance.ts";
import { deep, disguised, networks, shallow } from "./hidden-units.fixture.ts";
import { parametersOf, reorder } from "./hidden-units.ts";
import { nearestByAssignment, nearestByMatching } from "./unit-distance.ts";
import { matchUnits } from "./unit-matching.ts";

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

describe("the nearest networks among more than are compared at once", async () => {
  const [from, to] = await Promise.all([
    balancedNetworks(networks("samples", 20, shallow), shallow),
    balancedNetworks(networks("originals", 300, shallow), shallow),
  ]);

  it("are those that comparing every pair finds", async () => {
    const found = await nearestByAssignment({ from, to, units: shallow, same: false }, device);
    for (const [i, { distance, index }] of found.entries()) {
      const all = [];
      for (let k = 0; k < to.rows; k++) {
        const ours = rowOf(from, i);
        const aligned = reorder(ours, shallow, await matchUnits(ours, rowOf(to, k), shallow));
        all.push(Math.hypot(...aligned.map((x, j) => x - at(rowOf(to, k), j))));
      }
      expect(distance).toBeCloseTo(Math.min(...all), 5);
      expect(index).toBe(all.indexOf(Math.min(...all)));
    }
  });

  it("are never networks that are not finite, which lie near to none", async () => {
    const broken = matrix(to.values.slice(), to.columns);
    for (let k = 0; k < to.rows - 2; k++) broken.values[k * to.columns + 3] = Number.NaN;
    const found = await nearestByAssignment({ from, to: broken, units: shallow, same: false }, device);
    for (const { distance, index } of found) {
      expect(index).toBeGreaterThanOrEqual(to.rows - 2);
      expect(distance).toBeGreaterThan(0);
    }
    const [nowhere] = await nearestByAssignment({ from: broken, to, units: shallow, same: false }, device);
    expect(nowhere).toEqual({ distance: Infinity, next: Infinity, index: -1 });
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
