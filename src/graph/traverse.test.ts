import { describe, expect, it } from "vitest";
import { encode } from "./encode.ts";
import { lower } from "./lowering/lower.ts";
import { add, clip, gelu, mul, silu } from "./ops/elementwise.ts";
import { split } from "./ops/shape.ts";
import type { Tensor } from "./tensor.ts";
import { input, scalar } from "./tensor.ts";
import { dependents, leaves, rewrite, topological } from "./traverse.ts";

const named = (name: string) => input(name, [2]);
const opNames = (outputs: Tensor[]) => topological(outputs).map((call) => call.op.name);
const callOf = (t: Tensor) => (t.source.kind === "call" ? t.source.call : undefined);

/** y = (a + b) c, and every value on the way. */
function small() {
  const [a, b, c] = [named("a"), named("b"), named("c")];
  const sum = add(a, b);
  return { a, b, c, sum, y: mul(sum, c) };
}

describe("topological", () => {
  it("puts calls after what they depend on, each once", () => {
    const { a, sum, y } = small();
    expect(opNames([add(y, mul(sum, a)), y])).toEqual(["add", "mul", "mul", "add"]);
  });

  it("stops at tensors that are known", () => {
    const { sum, y } = small();
    expect(topological([y], new Map([[sum, sum]])).map((call) => call.op.name)).toEqual(["mul"]);
  });

  it("walks a chain of 20 000 calls", () => {
    let y = named("x");
    for (let i = 0; i < 20_000; i++) y = add(y, y);
    expect(topological([y])).toHaveLength(20_000);
    expect(rewrite([y], new Map())[0]).toBe(y);
    expect(encode({ y }).bytes.length).toBeGreaterThan(20_000);
  });
});

describe("leaves and dependents", () => {
  it("are the inputs in order of use, and the calls behind a tensor", () => {
    const { a, b, c, sum, y } = small();
    const unused = named("unused");
    expect(leaves([y, a, unused])).toEqual([a, b, c, unused]);
    expect(dependents(topological([y]), [c])).toEqual(new Set([callOf(y)]));
    expect(dependents(topological([y]), [a])).toEqual(new Set([callOf(sum), callOf(y)]));
    expect(dependents(topological([y]), [unused])).toEqual(new Set());
  });
});

describe("rewrite", () => {
  it("replaces tensors and shares what nothing touches", () => {
    const { c, sum, y } = small();
    const other = mul(sum, 2);
    const d = named("d");
    const [renewed, same] = rewrite([y, other], new Map([[c, d]]));
    expect(callOf(renewed!)!.inputs).toEqual([sum, d]);
    expect(callOf(renewed!)!.inputs[0]).toBe(sum);
    expect(same).toBe(other);
  });

  it("replaces results of calls, and then forgets the calls", () => {
    const { sum, y } = small();
    const given = named("given");
    const [renewed] = rewrite([y], new Map([[sum, given]]));
    expect(opNames([renewed!])).toEqual(["mul"]);
    expect(rewrite([sum], new Map([[sum, given]]))).toEqual([given]);
  });

  it("may replace one result of several", () => {
    const x = input("x", [4]);
    const [left, right] = split(x, [2, 2], 0) as [Tensor, Tensor];
    const given = named("given");
    const [y] = rewrite([add(left, right)], new Map([[left, given]]));
    expect(callOf(y!)!.inputs[0]).toBe(given);
    expect(callOf(y!)!.inputs[1]).toBe(right);
  });

  it("checks shapes again", () => {
    const { c, y } = small();
    expect(() => rewrite([y], new Map([[c, input("wide", [3])]]))).toThrow("mul: shapes [2] and [3] do not broadcast");
  });
});

describe("lower", () => {
  it("writes composite ops out, once where they are shared", () => {
    const y = gelu(silu(named("x")));
    const lowered = lower([add(y, y)]);
    expect(opNames(lowered)).toEqual(["sigmoid", "mul", "mul", "erf", "add", "mul", "mul", "add"]);
  });

  it("computes what is asked for twice but once: the same op of the same inputs, with the same attributes", () => {
    const [x, one] = [named("x"), scalar(1)];
    const twice = [add(x, one), add(x, one), add(one, x), clip(x, 0, 1), clip(x, 0, 2)];
    const [a, b, c] = lower(twice);
    expect(a).toBe(b);
    expect(c).not.toBe(a);
    expect(opNames(lower(twice))).toEqual(["add", "add", "clip", "clip"]);
    expect(opNames(lower([mul(silu(x), silu(x))]))).toEqual(["sigmoid", "mul", "mul"]);
  });

  it("takes time in proportion to the graph", () => {
    let y = named("x");
    for (let i = 0; i < 5_000; i++) y = silu(add(y, scalar(1)));
    expect(topological(lower([y]))).toHaveLength(15_000);
  });
});
