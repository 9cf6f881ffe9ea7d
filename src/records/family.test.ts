import { expect, it } from "vitest";

import { baselineFamilies, families, family } from "./family.ts";

it("the families are the baselines' and those of networks that were trained or learned from, each once", () => {
  expect(new Set(families).size).toBe(families.length);
  expect(families.slice(-baselineFamilies.length)).toEqual(baselineFamilies);
  expect(family.parse("heldOut")).toBe("heldOut");
  expect(family.safeParse("average:16").success).toBe(false);
});
