import { expect, it } from "vitest";

import { standardDeviation, wholeNumber } from "./numbers.ts";

it("a standard deviation is finite and above 0", () => {
  expect(standardDeviation.parse(0.05)).toBe(0.05);
  for (const wrong of [0, -1, Number.POSITIVE_INFINITY]) expect(standardDeviation.safeParse(wrong).success).toBe(false);
  expect(standardDeviation.safeParse(0).error?.issues[0]?.message).toBe("a standard deviation above 0");
});

it("a whole number has a least value, which its message names", () => {
  expect(wholeNumber(2).parse(2)).toBe(2);
  for (const wrong of [1, 2.5])
    expect(wholeNumber(2).safeParse(wrong).error?.issues[0]?.message).toBe("a whole number from 2");
});
