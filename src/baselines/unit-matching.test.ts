import { expect, it } from "vitest";
import { key, normal } from "../random/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { apart, orders, output, shallow } from "../symmetry/hidden-units.fixture.ts";
import { matchUnits, reorder } from "../symmetry/index.ts";
import { randomOriginals } from "./matched-units.fixture.ts";
import { meanOf, row, type Vectors } from "./vectors.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

const originals = await randomOriginals(device, 6);
const { matching } = originals;

/** Sum of squared distances to the mean. */
const scatter = (of: Vectors): number => {
  const mean = Float32Array.from(meanOf(of));
  return Array.from({ length: of.count }, (_, k) => apart(row(of, k), mean) ** 2).reduce((a, b) => a + b, 0);
};

it("puts an original's units in the order that fits another best of all orders, by effect", async () => {
  const { byEffect } = await matching.originals();
  const all = orders(5).map((order) => [Int32Array.from(order)]);
  for (const [network, other] of [
    [0, 1],
    [3, 2],
    [5, 4],
  ] as const) {
    const distances = all.map((order) => apart(reorder(row(byEffect, network), shallow, order), row(byEffect, other)));
    expect((await matching.matchedTo(network, other)).distance).toBeCloseTo(Math.min(...distances), 4);
  }
});

it("changes nothing that a network computes", async () => {
  const x = normal(key(5), 7);
  const plain = row(originals.originals, 2);
  const { plain: matched } = await matching.matchedTo(2, 0);
  const toMean = row((await matching.matchedToMean()).plain, 2);
  output(plain, x).forEach((value, i) => {
    expect(output(matched, x)[i]).toBeCloseTo(value, 4);
    expect(output(toMean, x)[i]).toBeCloseTo(value, 4);
  });
});

it("matches all originals to their mean until none changes, which brings them nearer to it", async () => {
  const { matching } = await randomOriginals(device, 40);
  const [before, after] = [await matching.originals(), await matching.matchedToMean()];
  expect(scatter(after.byEffect)).toBeLessThan(0.99 * scatter(before.byEffect));
  const mean = Float32Array.from(meanOf(after.byEffect));
  for (let k = 0; k < 40; k++)
    expect(await matchUnits(row(after.byEffect, k), mean, shallow)).toEqual([Int32Array.of(0, 1, 2, 3, 4)]);
});

it("finds what is matched to the mean once", async () => {
  expect(await matching.matchedToMean()).toBe(await matching.matchedToMean());
});
