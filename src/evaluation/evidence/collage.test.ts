import { describe, expect, it } from "vitest";
import { at } from "../../lookup.ts";
import { concatenate, matrix } from "../../numeric/index.ts";
import { foldIn, integers, key } from "../../random/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { networks, perceptron, unitsIn } from "../../symmetry/hidden-units.fixture.ts";
import { canonicalForms, canonicalSpace, outgoingRanges, ownRanges, parametersOf } from "../../symmetry/index.ts";
import { axes } from "../../symmetry/input-axes.fixture.ts";
import { unitMeter } from "../unit-distance.ts";
import { collageOf } from "./collage.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });
const units = unitsIn(perceptron(7, 6, 3));
const D = parametersOf(units);
const K = 40;

const zoo = matrix(networks("collage zoo", K, units), D);
const space = await canonicalSpace(zoo, units, axes, device);
const originals = await canonicalForms(zoo, space, device);
const meter = await unitMeter({ originals, space, device });
const nearest = async (vectors: Float32Array) => {
  if (meter.nearestUnits === undefined) throw new Error("units are known");
  return meter.nearestUnits(vectors);
};
const heldOut = await nearest(networks("collage held-out", 30, units));

/** Networks of which every unit is one of an original, each of another one. */
function collages(count: number): Float32Array {
  const made = Array.from({ length: count }, (_, i) => {
    const network = originals.values.slice(0, D);
    integers(foldIn(key(3), i), 6, K).forEach((parent, u) => {
      for (const [start, end] of [...ownRanges(units[0], u), ...outgoingRanges(units[1], u)])
        network.set(originals.values.subarray(parent * D + start, parent * D + end), start);
    });
    return network;
  });
  return concatenate(made);
}

const row = async (vectors: Float32Array) =>
  at(collageOf(heldOut, [{ name: "group", family: "samples", nearest: await nearest(vectors) }]).rows, 0);

describe("the collage of units", () => {
  it("is at no distance where every unit is that of an original, with as many donors as were drawn", async () => {
    const { median, high, belowHalf, nearer, donors, networks } = await row(collages(20));
    expect(high).toBeLessThan(0.01);
    expect(median).toBeLessThan(0.01);
    expect({ belowHalf, nearer, networks }).toEqual({ belowHalf: 1, nearer: 1, networks: 20 });
    expect(donors).toBeGreaterThan(5);
  });

  it("is at no distance from one donor where a network is a copy in disguise", async () => {
    const { high, donors } = await row(originals.values.slice(3 * D, 4 * D));
    expect(high).toBeLessThan(0.01);
    expect(donors).toBe(1);
  });

  it("is as far for fresh networks as for held-out ones", async () => {
    const { median, nearer, belowHalf } = await row(networks("collage fresh", 40, units));
    expect(Math.abs(median - 1)).toBeLessThan(0.08);
    expect(Math.abs(nearer - 0.5)).toBeLessThan(0.1);
    expect(belowHalf).toBeLessThan(0.1);
  });

  it("has 1 as the median of held-out networks", () => {
    const [own] = collageOf(heldOut, [{ name: "held-out", family: "heldOut", nearest: heldOut }]).rows;
    expect(own).toMatchObject({ median: 1, nearer: 0.5 });
  });

  it("leaves out units that are not finite", async () => {
    const broken = networks("collage broken", 1, units).fill(Number.NaN);
    expect(await row(broken)).toMatchObject({ median: Number.NaN, nearer: Number.NaN, donors: 0 });
  });
});
