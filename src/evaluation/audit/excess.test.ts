import { describe, expect, it } from "vitest";

import { key, uniform } from "../../random/index.ts";
import { mistakes } from "../similarity.ts";
import type { AuditInput, PlacedGroup } from "./audit-input.ts";
import { excessOf } from "./excess.ts";

/** Twenty networks about a score, all at one distance. */
const group = (name: string, score: number, distance: number): PlacedGroup => ({
  scores: Array.from(uniform(key(name.length), 20), (u) => score + 0.002 * (u - 0.5)),
  raw: new Float64Array(20).fill(distance),
  standardised: new Float64Array(20).fill(distance),
  isolation: new Float64Array(20).fill(1),
});

const baseline = (name: string, family: "noise" | "average" | "gaussian", score: number, distance: number) => ({
  name,
  family,
  ...group(name, score, distance),
});

const excess = (samples: PlacedGroup, baselines: AuditInput["baselines"], more: Partial<AuditInput> = {}) =>
  excessOf(
    {
      metric: { name: "score", unit: "number", higherIsBetter: true, reason: "" },
      originals: group("originals", 0.9, 1),
      heldOut: group("held-out", 0.9, 1),
      samples,
      baselines,
      byUnits: false,
      neighbours: 0,
      originalsDiffer: true,
      toMean: 1,
      apart: 1,
      key: key(1),
      ...more,
    },
    { utility: (score) => score, chance: 0.1, images: undefined },
  );

describe("the excess over baselines", () => {
  it("is that over each kind, the kinds that reach the samples first and the least of them before", async () => {
    const found = await excess(group("samples", 0.8, 1), [
      baseline("noise:0.1", "noise", 0.85, 0.5),
      baseline("gaussian", "gaussian", 0.7, 1.2),
      baseline("average:4", "average", 0.78, 1.2),
    ]);
    expect(found.map(({ family, reaches }) => [family, reaches])).toEqual([
      ["average", true],
      ["gaussian", true],
      ["noise", false],
    ]);
    expect(found[0]!.excess.value).toBeLessThan(found[1]!.excess.value);
    expect(found[2]!.beyond).toBe(1);
  });

  it("has the originals, at no distance, as a setting of every kind", async () => {
    const [average] = await excess(group("samples", 0.8, 0.5), [baseline("average:4", "average", 0.7, 1)]);
    expect(average!.through).toEqual(["originals", "average:4"]);
    // Halfway between 0.9 and 0.7, but for the twentieth of the distance that is granted.
    expect(average!.exact.value).toBeCloseTo(0, 2);
  });

  it("leaves out kinds that were not scored", async () => {
    const silent = { ...baseline("noise:0.1", "noise", 0, 1), scores: new Array<null>(20).fill(null) };
    expect(await excess(group("samples", 0.8, 1), [silent])).toEqual([]);
  });

  it("takes classifiers as no farther out than held-out networks lie", async () => {
    const predictions = uniform(key(3), 20 * 100).map((u) => (u < 0.8 ? 0 : 1));
    const test = mistakes(predictions, new Uint8Array(100));
    const far = { ...group("samples", 0.8, 9), test };
    const setting = { ...baseline("average:4", "average", 0.7, 1.2), test };
    const originals = { ...group("originals", 0.9, 1), test };
    expect((await excess(far, [setting], { originals }))[0]!.beyond).toBe(0);
    expect((await excess(far, [setting], { originals, heldOut: undefined }))[0]!.beyond).toBe(1);
  });
});
