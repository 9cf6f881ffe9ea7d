import { describe, expect, it } from "vitest";
import { matrix, rowOf } from "../numeric/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { deep, networks, perceptrons, shallow } from "./hidden-units.fixture.ts";
import { type HiddenUnits, outgoingRanges, ownRanges, parametersOf } from "./hidden-units.ts";
import { nearestUnits } from "./nearest-units.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });
const group = (name: string, count: number, units: HiddenUnits) =>
  matrix(networks(name, count, units), parametersOf(units));

/** All numbers of each hidden unit, by layer. */
const rowsOf = (network: Float32Array, units: HiddenUnits) =>
  units.slice(0, -1).map((layer, l) =>
    Array.from({ length: layer.outputs }, (_, u) => {
      const next = units[l + 1]!;
      return [...ownRanges(layer, u), ...outgoingRanges(next, u)].flatMap(([a, b]) => [...network.subarray(a, b)]);
    }),
  );

describe.each(perceptrons)("the nearest units of %s", (_, units) => {
  it("are those of the same layer at the least distance", async () => {
    const [from, to] = [group("a", 3, units), group("b", 5, units)];
    const found = await nearestUnits({ from, to, units }, device);
    let place = 0;
    for (let i = 0; i < 3; i++)
      for (const [l, layer] of rowsOf(rowOf(from, i), units).entries())
        for (const own of layer) {
          const least = [0, 1, 2, 3, 4].map((k) =>
            Math.min(...rowsOf(rowOf(to, k), units)[l]!.map((row) => Math.hypot(...row.map((x, j) => x - own[j]!)))),
          );
          expect(found.distance[place]).toBeCloseTo(Math.min(...least), 4);
          expect(found.donor[place]).toBe(least.indexOf(Math.min(...least)));
          place++;
        }
    expect(found.distance).toHaveLength(place);
  });
});

it("are exactly those of a copy", async () => {
  const to = group("b", 5, deep);
  const { distance, donor, units } = await nearestUnits(
    { from: matrix(rowOf(to, 3).slice(), to.columns), to, units: deep },
    device,
  );
  expect(units).toBe(9);
  expect([...distance]).toEqual(new Array(9).fill(0));
  expect([...donor]).toEqual(new Array(9).fill(3));
});

it("are unknown where a unit is not finite", async () => {
  const from = group("a", 1, shallow);
  from.values[0] = Number.NaN;
  const { distance, donor } = await nearestUnits({ from, to: group("b", 5, shallow), units: shallow }, device);
  expect([distance[0], donor[0]]).toEqual([Number.POSITIVE_INFINITY, -1]);
  expect(distance[1]).toBeGreaterThan(0);
});

it("are found among more than are multiplied at once, also beside units that are not finite", async () => {
  const [from, to] = [group("a", 60, shallow), group("b", 1000, shallow)];
  const { columns } = to;
  to.values[500 * columns] = Number.NaN;
  const copied = 999;
  from.values.set(rowOf(to, copied), 59 * columns);
  const { distance, donor, units } = await nearestUnits({ from, to, units: shallow }, device);
  expect([...donor.subarray(59 * units)]).toEqual(new Array(units).fill(copied));
  expect([...distance.subarray(59 * units)]).toEqual(new Array(units).fill(0));
  const theirs = Array.from({ length: to.rows }, (_, k) => rowsOf(rowOf(to, k), shallow)[0]!);
  rowsOf(rowOf(from, 3), shallow)[0]!.forEach((own, u) => {
    const apart = theirs.map((rows) => rows.map((row) => Math.hypot(...row.map((x, j) => x - own[j]!))));
    const least = apart.map((each) => Math.min(...each.filter((d) => !Number.isNaN(d))));
    expect(distance[3 * units + u]).toBeCloseTo(Math.min(...least), 4);
    expect(donor[3 * units + u]).toBe(least.indexOf(Math.min(...least)));
  });
});
