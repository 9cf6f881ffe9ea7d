import { describe, expect, it } from "vitest";

import { matrix } from "../numeric/matrix.ts";
import { foldIn, key, normal } from "../random/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { balanceAll } from "./balance.ts";
import { canonicalSpace, toCanonicalSpace } from "./canonical-form.ts";
import { INPUTS, networks, output, perceptrons } from "./hidden-units.fixture.ts";
import { parametersOf } from "./hidden-units.ts";
import { axes } from "./input-axes.fixture.ts";
import { coordinateEffects } from "./unit-effects.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

describe.each(perceptrons)("the effects of coordinates, of %s,", (_, units) => {
  const D = parametersOf(units);

  it("are about as large as finite differences of the outputs", async () => {
    // Finite differences over normal inputs, in the mean over a layer's units, against what is
    // worked out.
    const zoo = matrix(networks("zoo", 4, units), D);
    const space = await canonicalSpace(zoo, units, axes, device);
    const seen = await toCanonicalSpace(await balanceAll(zoo, units), space, device);
    const effects = await coordinateEffects(seen, units, axes.variance);
    const v = seen.values;
    const count = 4000;
    const inputs = Array.from({ length: count }, (_, k) =>
      normal(foldIn(key(13), k), INPUTS).map((z, i) => z * Math.sqrt(axes.variance[i]!)),
    );
    const found = (at: number) => {
      let squares = 0;
      for (let k = 0; k < 4; k++) {
        const own = v.slice(k * D, (k + 1) * D);
        const moved = own.slice();
        moved[at]! += 1e-2;
        for (const x of inputs.slice(k * (count / 4), (k + 1) * (count / 4))) {
          const [a, b] = [output(own, x, units), output(moved, x, units)];
          squares += a.reduce((sum, y, o) => sum + ((b[o]! - y) / 1e-2) ** 2, 0) / count;
        }
      }
      return Math.sqrt(squares);
    };
    const last = units.at(-1)!;
    expect(effects[last.bias]).toBe(1);
    expect(found(last.bias)).toBeCloseTo(1, 3);
    // A ReLU is off half of the time, which the effect does not know: the order of magnitude is
    // what it is for.
    const { weight, bias, norm } = units[0];
    const places = norm === undefined ? [weight, weight + 6, bias] : [weight, weight + 6, norm.weight, norm.bias];
    for (const at of [...places, last.weight]) {
      expect(found(at) / effects[at]!).toBeGreaterThan(0.2);
      expect(found(at) / effects[at]!).toBeLessThan(3);
    }
  });
});
