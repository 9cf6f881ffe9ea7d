import { describe, expect, it } from "vitest";

import { input, sizeOf, type Tensor } from "../graph/index.ts";
import { key } from "../random/index.ts";
import { batchNorm, conv, convTranspose, embedding, layerNorm, linear } from "./layers.ts";
import { type Scope, trace } from "./scope.ts";

/** Initial values of every parameter of a layer, and of its buffers. */
function drawn(build: (at: Scope) => Tensor): Record<string, Float32Array> {
  const { parameters, buffers } = trace(build, { training: true });
  return Object.fromEntries([
    ...parameters.map((p) => [p.name, p.initialise(key(1), sizeOf(p.shape))] as const),
    ...buffers.map((b) => [b.name, b.initial] as const),
  ]);
}

const mean = (xs: Float32Array, of = (x: number) => x): number => xs.reduce((sum, x) => sum + of(x), 0) / xs.length;

/**
 * Uniform within ±bound: nothing outside, nearly the whole range used, mean 0 and variance bound² /
 * 3.
 */
function expectUniform(xs: Float32Array, bound: number): void {
  const largest = xs.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
  expect(largest).toBeLessThanOrEqual(Math.fround(bound));
  expect(largest).toBeGreaterThan(bound * (1 - 20 / xs.length));
  expect(Math.abs(mean(xs))).toBeLessThan((3 * bound) / Math.sqrt(xs.length));
  expect(Math.abs(mean(xs, (x) => x * x) / (bound ** 2 / 3) - 1)).toBeLessThan(5 / Math.sqrt(xs.length));
}

// PyTorch's reset_parameters: kaiming_uniform_(a = √5) for weights, which is ±1 / √fanIn, and the
// same for biases.
describe("PyTorch's defaults are the initial values of", () => {
  it("linear layers", () => {
    const { weight, bias } = drawn((at) => linear(at, input("x", [2, 100]), { out: 400 }));
    expectUniform(weight!, 1 / 10);
    expectUniform(bias!, 1 / 10);
  });

  it("convolutions, whose fan-in counts the channels of a group", () => {
    const { weight, bias } = drawn((at) => conv(at, input("x", [1, 32, 9, 9]), { out: 256, kernel: 3, groups: 2 }));
    expectUniform(weight!, 1 / Math.sqrt(16 * 9));
    expectUniform(bias!, 1 / Math.sqrt(16 * 9));
  });

  it("transposed convolutions, whose fan-in is counted from the weight's second axis", () => {
    const { weight, bias } = drawn((at) =>
      convTranspose(at, input("x", [1, 256, 9]), { out: 300, kernel: 3, groups: 2 }),
    );
    expectUniform(weight!, 1 / Math.sqrt(150 * 3));
    expectUniform(bias!, 1 / Math.sqrt(150 * 3));
  });

  it("embeddings: standard normal", () => {
    const { weight } = drawn((at) => embedding(at, input("i", [3], "int32"), { count: 500, width: 40 }));
    expect(Math.abs(mean(weight!))).toBeLessThan(0.03);
    expect(Math.abs(mean(weight!, (x) => x * x) - 1)).toBeLessThan(0.04);
  });

  it("normalisations: ones and zeros", () => {
    const ones = Float32Array.of(1, 1, 1);
    const none = new Float32Array(3);
    expect(drawn((at) => batchNorm(at, input("x", [4, 3])))).toEqual({
      weight: ones,
      bias: none,
      running_mean: none,
      running_var: ones,
    });
    expect(drawn((at) => layerNorm(at, input("x", [4, 3])))).toEqual({ weight: ones, bias: none });
  });
});
