import { describe, expect, it } from "vitest";

import { DECODERS } from "./dtypes.ts";

function decode(dtype: string, elements: Uint16Array<ArrayBuffer> | Float64Array<ArrayBuffer>): Float32Array {
  const into = new Float32Array(elements.length);
  DECODERS.get(dtype)!(elements.buffer, into);
  return into;
}

const everyHalf = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);

/** The value of a floating-point number by its definition, from a 16-bit word with so many fraction bits. */
function valueByDefinition(bits: number, fractionBits: number): number {
  const exponentBits = 15 - fractionBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  const exponent = (bits >>> fractionBits) % 2 ** exponentBits;
  const fraction = (bits % 2 ** fractionBits) / 2 ** fractionBits;
  const sign = bits >= 0x8000 ? -1 : 1;
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** (1 - bias) : sign * (1 + fraction) * 2 ** (exponent - bias);
}

describe("conversion to float32", () => {
  it("is exact for every F16", () => {
    expect(decode("F16", everyHalf)).toEqual(Float32Array.from(everyHalf, (bits) => valueByDefinition(bits, 10)));
  });

  it("is exact for every BF16", () => {
    expect(decode("BF16", everyHalf)).toEqual(Float32Array.from(everyHalf, (bits) => valueByDefinition(bits, 7)));
  });

  it("rounds F64 to the nearest float32, ties to even", () => {
    const values = [1 + 2 ** -24, 1 + 3 * 2 ** -24, Math.PI, -1e-46, 1e39, -0, Number.NaN];
    expect(decode("F64", Float64Array.from(values))).toEqual(
      Float32Array.of(1, 1 + 2 ** -22, Math.fround(Math.PI), -0, Infinity, -0, Number.NaN),
    );
  });
});
