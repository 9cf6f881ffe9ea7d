import { expect, it } from "vitest";

import { fromFloat16 } from "./float16.ts";

it.each([
  [0x3c00, 1],
  [0xc000, -2],
  [0x3555, 0.333251953125],
  [0x7bff, 65504],
  [0x0400, 2 ** -14],
  [0x0001, 2 ** -24],
  [0x8000, -0],
  [0xfc00, -Infinity],
  [0x7e00, Number.NaN],
])("reads the half-precision number of bits %i as %d", (bits, value) => {
  expect(fromFloat16(bits)).toBe(value);
});
