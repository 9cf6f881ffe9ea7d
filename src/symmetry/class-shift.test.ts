import { describe, expect, it } from "vitest";

import { matrix } from "../numeric/index.ts";
import { foldIn, key, normal } from "../random/index.ts";
import { withoutClassShift } from "./class-shift.ts";
import { perceptron } from "./hidden-units.fixture.ts";
import { hiddenUnits } from "./hidden-units.ts";

const layout = perceptron(3, 4, 3);

describe("the last layer without its mean over classes", () => {
  it("is the same for networks that differ by a shift of all logits, and leaves the rest", () => {
    const found = hiddenUnits(layout);
    if (!("units" in found)) throw new Error(found.problem);
    const network = normal(key(1), layout.size);
    const shifted = network.slice();
    const shift = normal(foldIn(key(1), "shift"), 5);
    for (let o = 0; o < 3; o++) {
      for (let u = 0; u < 4; u++) shifted[16 + 4 * o + u]! += shift[u]!;
      shifted[28 + o]! += shift[4]!;
    }
    const [a, b] = [network, shifted].map((v) => withoutClassShift(matrix(v, layout.size), found.units).values);
    expect([...(a ?? [])]).toEqual([...(b ?? [])].map((x) => expect.closeTo(x, 5)));
    expect([...(a ?? network).subarray(0, 16)]).toEqual([...network.subarray(0, 16)]);
    const column = [0, 1, 2].reduce((sum, o) => sum + (a?.[16 + 4 * o] ?? 0), 0);
    expect(column).toBeCloseTo(0, 5);
  });
});
