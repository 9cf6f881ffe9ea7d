import { describe, expect, it } from "vitest";

import { matrix } from "../numeric/matrix.ts";
import { key, normal } from "../random/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { type CanonicalSpace, canonicalForms, canonicalSpace, toCanonicalSpace } from "./canonical-form.ts";
import { apart, disguised, INPUTS, networks, norm, output, perceptrons } from "./hidden-units.fixture.ts";
import { parametersOf } from "./hidden-units.ts";
import { axes } from "./input-axes.fixture.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

describe.each(perceptrons)("the canonical form of %s", (_, units) => {
  const D = parametersOf(units);
  const space: Promise<CanonicalSpace> = canonicalSpace(matrix(networks("zoo", 4, units), D), units, axes, device);
  const form = async (v: Float32Array) => (await canonicalForms(matrix(v, D), await space, device)).values;

  it("computes what the network did", async () => {
    const v = networks("one", 1, units);
    const x = normal(key(6), INPUTS);
    const formed = output(await form(v), x, units);
    output(v, x, units).forEach((value, i) => {
      expect(formed[i]).toBeCloseTo(value, 3);
    });
  });

  it("is undone exactly: its own form is itself", async () => {
    const once = await form(networks("one", 1, units));
    expect(apart(await form(once), once)).toBeLessThan(1e-5 * norm(once));
  });

  it("of the reference in disguise is that of the reference", async () => {
    const first = networks("zoo", 4, units).subarray(0, D);
    const plain = await form(first);
    expect(apart(await form(disguised(first, "mask", units)), plain)).toBeLessThan(1e-4 * norm(plain));
    const seen = await toCanonicalSpace(matrix(first, D), await space, device);
    expect(apart(seen.values, (await space).reference)).toBeLessThan(1e-4);
  });

  it("leaves a network that is not finite to itself", async () => {
    const pair = networks("pair", 2, units);
    pair[3] = Number.NaN;
    const formed = await form(pair);
    expect(formed.subarray(0, D).every(Number.isFinite)).toBe(false);
    expect(formed.subarray(D)).toEqual(await form(pair.subarray(D)));
  });
});
