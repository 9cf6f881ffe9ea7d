import { describe, expect, it } from "vitest";
import { encode } from "./encode.ts";
import { add, mul } from "./ops/elementwise.ts";
import { split } from "./ops/shape.ts";
import type { Tensor } from "./tensor.ts";
import { input } from "./tensor.ts";
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
  it("lists each call once, after the calls it depends on", () => {
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
  it("replaces tensors and shares parts that do not change", () => {
    const { c, sum, y } = small();
    const other = mul(sum, 2);
    const d = named("d");
    const [renewed, same] = rewrite([y, other], new Map([[c, d]]));
    expect(callOf(renewed!)!.inputs).toEqual([sum, d]);
    expect(callOf(renewed!)!.inputs[0]).toBe(sum);
    expect(same).toBe(other);
  });

  it("leaves out calls whose results are replaced", () => {
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
