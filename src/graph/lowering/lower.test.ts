import { describe, expect, it } from "vitest";
import { at } from "../../lookup.ts";
import { batchNorm, conv, convTranspose, crossEntropy, linear, sgd, trace } from "../../nn/index.ts";
import { integers, key, normal } from "../../random/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { trainingStep } from "../../training/index.ts";
import { encode } from "../encode.ts";
import { add, clip, gelu, mul, relu, silu } from "../ops/elementwise.ts";
import { avgPool, maxPool } from "../ops/pool.ts";
import { reduceMean } from "../ops/reduce.ts";
import { input, scalar, sizeOf, type Tensor } from "../tensor.ts";
import { topological } from "../traverse.ts";
import { type LowerOptions, lower } from "./lower.ts";
import type { RuleTable } from "./rule.ts";
import { defaultRules } from "./rules.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });
const NONE: RuleTable = {};

/** A network whose training step every rule has a part in. */
const traced = trace(
  (scope) => {
    const images = input("images", [8, 1, 16, 16]);
    // Small patches, windows that tile their input, and many channels along short axes.
    let x = maxPool(relu(conv(scope.in("narrow"), images, { out: 64, kernel: 5, padding: 2 })), { kernel: 2 });
    x = relu(batchNorm(scope.in("norm"), conv(scope.in("wide"), x, { out: 64, kernel: 3, padding: 1 })));
    x = relu(conv(scope.in("wide again"), x, { out: 64, kernel: 3, padding: 1 }));
    x = relu(conv(scope.in("depthwise"), x, { out: 64, kernel: 3, padding: 1, groups: 64 }));
    x = relu(conv(scope.in("strided"), x, { out: 32, kernel: 3, padding: 1, stride: 2 }));
    x = relu(convTranspose(scope.in("up"), x, { out: 16, kernel: 3, padding: 1, stride: 2, outputPadding: 1 }));
    x = relu(convTranspose(scope.in("wider"), x, { out: 24, kernel: 4, padding: 1, stride: 2 }));
    x = avgPool(maxPool(x, { kernel: 3, stride: 2, padding: 1 }), { kernel: 2 });
    const logits = linear(scope.in("head"), reduceMean(x, { axes: [2, 3] }), { out: 10 });
    return { loss: crossEntropy(logits, input("labels", [8], "int32")) };
  },
  { training: true },
);
const { state, loss } = trainingStep({ traced, optimiser: sgd({ momentum: 0.9 }) });
const outputs: Record<string, Tensor> = {
  loss,
  ...Object.fromEntries(Object.entries(state).map(([name, { next }]) => [`next.${name}`, next])),
};

/** The outputs of a step at fixed inputs. */
async function step(options: LowerOptions): Promise<Record<string, Float32Array>> {
  const { bytes, inputs } = encode(outputs, options);
  const names = Object.keys(outputs);
  const session = await device.open(
    bytes,
    names.map((name) => ({ name, resident: false })),
  );
  const feeds = [...inputs].map(([name, type], i) => {
    const size = sizeOf(type.shape);
    const data = type.dtype === "int32" ? integers(key(i), size, 10) : normal(key(i), size).map((v) => v * 0.1);
    return [name, device.wrap(data, type)] as const;
  });
  const results = await session.run(Object.fromEntries(feeds));
  await session.release();
  return Object.fromEntries(names.map((name) => [name, results[name]?.data as Float32Array]));
}

/** The largest difference of two vectors, relative to the largest number. */
function difference(a: Float32Array, b: Float32Array): number {
  const largest = a.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
  return a.reduce((max, x, i) => Math.max(max, Math.abs(x - at(b, i))), 0) / largest;
}

const named = (name: string) => input(name, [2]);
const opNames = (made: readonly Tensor[]) => topological(made).map((call) => call.op.name);

describe("lower", () => {
  it("writes composite ops out once when they are shared", () => {
    const y = gelu(silu(named("x")));
    const lowered = lower([add(y, y)]);
    expect(opNames(lowered)).toEqual(["sigmoid", "mul", "mul", "erf", "add", "mul", "mul", "add"]);
  });

  it("merges identical calls (same op, inputs and attributes)", () => {
    const [x, one] = [named("x"), scalar(1)];
    const twice = [add(x, one), add(x, one), add(one, x), clip(x, 0, 1), clip(x, 0, 2)];
    const [a, b, c] = lower(twice);
    expect(a).toBe(b);
    expect(c).not.toBe(a);
    expect(opNames(lower(twice))).toEqual(["add", "add", "clip", "clip"]);
    expect(opNames(lower([mul(silu(x), silu(x))]))).toEqual(["sigmoid", "mul", "mul"]);
  });

  it("lowers a graph of 15 000 calls", () => {
    let y = named("x");
    for (let i = 0; i < 5_000; i++) y = silu(add(y, scalar(1)));
    expect(topological(lower([y]))).toHaveLength(15_000);
  });

  it.each(["cpu", "anywhere"] as const)(
    "computes a training step with the same numbers, to rounding, when all rules are off: %s",
    async (target) => {
      const [fast, plain] = [await step({ target }), await step({ target, rules: NONE })];
      expect(Object.keys(fast)).toEqual(["loss", "next.theta", "next.momentum", "next.buffers"]);
      for (const [name, values] of Object.entries(fast))
        expect(difference(values, plain[name] ?? new Float32Array()), name).toBeLessThan(1e-4);
    },
  );

  it.each(Object.entries(defaultRules).flatMap(([op, rules]) => rules.map((_, index) => ({ op, index }))))(
    "uses rule $index of $op in that step",
    ({ op, index }) => {
      const used = new Set<number>();
      const rules = (defaultRules[op] ?? []).map((rule, i): typeof rule => (call, context) => {
        const lowered = rule(call, context);
        if (lowered !== undefined) used.add(i);
        return lowered;
      });
      for (const target of ["cpu", "anywhere"] as const)
        lower(Object.values(outputs), { target, rules: { ...defaultRules, [op]: rules } });
      expect(used).toContain(index);
    },
  );

  it("computes every op by its own definition when all rules are off", () => {
    const names = topological(lower(Object.values(outputs), { target: "cpu", rules: NONE })).map(({ op }) => op.name);
    expect(new Set(names)).toContain("dilatedConv");
    expect(new Set(names)).toContain("convTranspose");
  });
});
