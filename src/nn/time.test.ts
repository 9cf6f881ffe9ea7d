import { expect, it } from "vitest";

import fixture from "../../test/fixtures/time-features.json" with { type: "json" };
import { timeFeatures } from "./time.ts";

it("time features are cosines, then sines, of geometric frequencies, as in the published code", () => {
  const table = timeFeatures(1000, 16);
  expect(table.shape).toEqual([1000, 16]);
  const elements = (table.source as unknown as { data: Float32Array }).data;
  for (const [name, { features }] of Object.entries(fixture)) {
    const t = Number(name.replace("t = ", ""));
    for (const [i, value] of features.entries()) expect(elements[16 * t + i]).toBeCloseTo(value, 6);
  }
});
