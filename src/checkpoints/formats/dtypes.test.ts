import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { DECODERS, ENCODERS } from "./dtypes.ts";

/**
 * Bits of float32 numbers, and what PyTorch rounds them to, null where that is no number
 * (test/oracle/dtypes.py).
 */
const fixture = JSON.parse(readFileSync("test/fixtures/dtypes.json", "utf8")) as Record<string, (number | null)[]>;

function decode(dtype: string, elements: Uint16Array<ArrayBuffer> | Float64Array<ArrayBuffer>): Float32Array {
  const into = new Float32Array(elements.length);
  DECODERS.get(dtype)!(elements.buffer, into);
  return into;
}

const everyHalf = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);

/** The value of a floating-point number by its definition, from the bits of a 16-bit word. */
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

  it.each(["F64", "C128"])("rounds %s to the nearest float32, ties to even", (dtype) => {
    const values = [1 + 2 ** -24, 1 + 3 * 2 ** -24, Math.PI, -1e-46, 1e39, -0, Number.NaN];
    expect(decode(dtype, Float64Array.from(values))).toEqual(
      Float32Array.of(1, 1 + 2 ** -22, Math.fround(Math.PI), -0, Infinity, -0, Number.NaN),
    );
  });
});

describe("conversion from float32", () => {
  const inputs = new Float32Array(Int32Array.from(fixture.inputs as number[]).buffer);

  it.each(["F16", "BF16", "F8_E4M3", "F8_E5M2"])("rounds to %s as PyTorch does", (dtype) => {
    const bytes = ENCODERS.get(dtype)!(inputs);
    const width = bytes.length / inputs.length;
    const bits = Array.from(inputs, (_, i) => (width === 1 ? bytes[i]! : bytes[2 * i]! + 256 * bytes[2 * i + 1]!));
    const values = new Float32Array(inputs.length);
    DECODERS.get(dtype)!(bytes.slice().buffer, values);
    fixture[dtype]!.forEach((expected, i) => {
      if (expected === null) expect([inputs[i], values[i]]).toEqual([inputs[i], Number.NaN]);
      else expect([inputs[i], bits[i]]).toEqual([inputs[i], expected]);
    });
  });

  it.each([
    ["F16", 2],
    ["BF16", 2],
    ["F8_E4M3", 1],
    ["F8_E5M2", 1],
  ] as const)("gives back every value of %s that is a number", (dtype, width) => {
    const count = 256 ** width;
    const every = width === 1 ? Uint8Array.from({ length: count }, (_, i) => i) : everyHalf;
    const values = new Float32Array(count);
    DECODERS.get(dtype)!(every.buffer, values);
    const again = ENCODERS.get(dtype)!(values);
    const bits = width === 1 ? again : new Uint16Array(again.buffer, again.byteOffset, count);
    for (let i = 0; i < count; i++) if (!Number.isNaN(values[i])) expect([i, bits[i]]).toEqual([i, i]);
  });

  it.each(["F64", "C128"])("leaves F32 as it is and widens to %s", (dtype) => {
    const values = Float32Array.of(1.5, -0, 3e38, Number.NaN);
    expect(new Float32Array(ENCODERS.get("F32")!(values).slice().buffer)).toEqual(values);
    expect(new Float64Array(ENCODERS.get(dtype)!(values).slice().buffer)).toEqual(Float64Array.from(values));
  });
});
