import fc from "fast-check";
import { describe, expect, it } from "vitest";

import revised from "../../../test/fixtures/diffusion-v3.json" with { type: "json" };
import { fill } from "../../../test/support/fill.ts";
import { relativeError } from "../../../test/support/fixtures.ts";
import { type Layout, layoutOf } from "../../layout/index.ts";
import { matrix } from "../../numeric/index.ts";
import { key, normal } from "../../random/index.ts";
import { fitNormalisation as fitMatrix } from "./fit-normalisation.ts";
import { none } from "./none.ts";
import { denormalise, normalise } from "./normalisation.ts";
import { normalisations } from "./normalisations.ts";
import type { NormalisationPart } from "./part.ts";
import { perCoordinate } from "./per-coordinate.ts";
import { perTensor } from "./per-tensor.ts";

const fitNormalisation = (part: NormalisationPart, rows: Float32Array, of: Layout) =>
  fitMatrix(part, matrix(rows, of.size), of);
const parts = normalisations.map((part) => [part.type, part] as const);

const layout = layoutOf([
  { name: "weight", shape: [2, 3] },
  { name: "scale", shape: [] },
  { name: "bias", shape: [2] },
]);
const K = 5;
const D = layout.size;

/** Checkpoints in which every coordinate has its own mean and spread. */
const rows = normal(key(1), K * D).map((x, i) => 10 * (i % D) + (1 + (i % D)) * x);

const column = (i: number, of: Float32Array = rows) => Array.from({ length: K }, (_, k) => of[k * D + i]!);
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const squares = (values: readonly number[]) => values.reduce((a, b) => a + (b - mean(values)) ** 2, 0);

describe("a normalisation", () => {
  it.each(parts)("%s, is undone to rounding", async (_, mode) => {
    const vectors = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 2 * D, maxLength: 2 * D });
    await fc.assert(
      fc.asyncProperty(vectors, async (values) => {
        const some = Float32Array.from(values);
        const fitted = await fitNormalisation(mode, some, layout);
        const back = denormalise(fitted, normalise(fitted, some));
        const largest = Math.max(1, ...some.map(Math.abs));
        for (const [i, value] of back.entries()) expect(Math.abs(value - some[i]!)).toBeLessThan(1e-6 * largest);
      }),
    );
  });

  it("per coordinate gives every coordinate mean 0 and standard deviation 1", async () => {
    const normal = normalise(await fitNormalisation(perCoordinate, rows, layout), rows);
    for (let i = 0; i < D; i++) {
      expect(mean(column(i, normal))).toBeCloseTo(0, 5);
      expect(Math.sqrt(squares(column(i, normal)) / K)).toBeCloseTo(1, 5);
    }
  });

  it("per tensor has the mean of the checkpoints' means and unbiased standard deviations, one of each for a tensor", async () => {
    const fitted = await fitNormalisation(perTensor, rows, layout);
    for (const { offset, size } of layout.entries) {
      const tensors = Array.from({ length: K }, (_, k) => [...rows.subarray(k * D + offset, k * D + offset + size)]);
      const std = size === 1 ? 1 : mean(tensors.map((values) => Math.sqrt(squares(values) / (size - 1))));
      for (let i = offset; i < offset + size; i++) {
        expect(fitted.mean[i]).toBeCloseTo(mean(tensors.map(mean)), 4);
        expect(fitted.scale[i]).toBeCloseTo(std, 4);
      }
    }
  });

  it("none leaves everything as it is", async () => {
    expect(normalise(await fitNormalisation(none, rows, layout), rows)).toEqual(rows);
  });

  it("only shifts a coordinate that never moves", async () => {
    const still = rows.map((x, i) => (i % D === 4 ? 0.1 : x));
    const fitted = await fitNormalisation(perCoordinate, still, layout);
    expect(fitted.scale[4]).toBe(1);
    expect(column(4, normalise(fitted, still))).toEqual([0, 0, 0, 0, 0]);
  });
});

describe("running variances", () => {
  const variances = layoutOf([{ name: "bn.running_var", shape: [6] }]);
  const some = fill("variances", 24, 0.01, 3);
  const { normalised, back } = revised["running variances"];

  it("are normalised by the logarithm of their share of the mean, as the revised paper has it", async () => {
    const fitted = await fitNormalisation(perTensor, some, variances);
    expect(relativeError(normalise(fitted, some), normalised)).toBeLessThan(1e-5);
    expect(relativeError(denormalise(fitted, fill("drawn", 24, -3, 3)), back)).toBeLessThan(1e-5);
  });

  it.each(parts)("come back, and are never negative, with normalisation: %s", async (_, mode) => {
    const fitted = await fitNormalisation(mode, some, variances);
    expect(relativeError(denormalise(fitted, normalise(fitted, some)), [...some])).toBeLessThan(1e-5);
    for (const x of denormalise(fitted, fill("wild", 240, -30, 3))) expect(x).toBeGreaterThan(0);
  });
});
