import fc from "fast-check";
import { describe, expect, it } from "vitest";

import revised from "../../../test/fixtures/diffusion-v3.json" with { type: "json" };
import { fill } from "../../../test/support/fill.ts";
import { relativeError } from "../../../test/support/fixtures.ts";
import { layoutOf } from "../../layout/index.ts";
import { denormalise, normalise } from "./normalisation.ts";
import { normalisations } from "./normalisations.ts";
import { perTensor } from "./per-tensor.ts";
import { D, fit } from "./rows.fixture.ts";

const parts = normalisations.map((part) => [part.type, part] as const);

describe("a normalisation", () => {
  it.each(parts)("%s, is undone to rounding", async (_, mode) => {
    const vectors = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 2 * D, maxLength: 2 * D });
    await fc.assert(
      fc.asyncProperty(vectors, async (values) => {
        const some = Float32Array.from(values);
        const fitted = await fit(mode, some);
        const back = denormalise(fitted, normalise(fitted, some));
        const largest = Math.max(1, ...some.map(Math.abs));
        for (const [i, value] of back.entries()) expect(Math.abs(value - some[i]!)).toBeLessThan(1e-6 * largest);
      }),
    );
  });
});

describe("running variances", () => {
  const variances = layoutOf([{ name: "bn.running_var", shape: [6] }]);
  const some = fill("variances", 24, 0.01, 3);
  const { normalised, back } = revised["running variances"];

  it("are normalised by the logarithm of their share of the mean, as the revised paper has it", async () => {
    const fitted = await fit(perTensor, some, variances);
    expect(relativeError(normalise(fitted, some), normalised)).toBeLessThan(1e-5);
    expect(relativeError(denormalise(fitted, fill("drawn", 24, -3, 3)), back)).toBeLessThan(1e-5);
  });

  it.each(parts)("come back, and are never negative, with normalisation: %s", async (_, mode) => {
    const fitted = await fit(mode, some, variances);
    expect(relativeError(denormalise(fitted, normalise(fitted, some)), [...some])).toBeLessThan(1e-5);
    for (const x of denormalise(fitted, fill("wild", 240, -30, 3))) expect(x).toBeGreaterThan(0);
  });
});
