import { expect, it } from "vitest";

import { at } from "../../lookup.ts";
import { neg } from "../ops/elementwise.ts";
import { concatOp, split } from "../ops/shape.ts";
import { type Call, input, type Tensor } from "../tensor.ts";
import { loweringContext, ruleFor } from "./rule.ts";

const x = input("x", [4]);
const callOf = ({ source }: Tensor): Call => (source as { call: Call }).call;
const context = loweringContext("cpu");

it("gives the outputs of an op as a list, and undefined where the rule does not apply", () => {
  const { op } = callOf(neg(x));
  const call = callOf(neg(x));
  expect(ruleFor(op, () => [x])(call, context)).toEqual([x]);
  expect(ruleFor(op, () => x as never)(call, context)).toEqual([x]);
  expect(ruleFor(op, () => undefined)(call, context)).toBeUndefined();
});

it("refuses a rule that was listed under another op", () => {
  const rule = ruleFor(concatOp, () => x);
  const other = callOf(at(split(x, [2, 2], 0), 0));
  expect(() => rule(other, context)).toThrow("a rule for concat was used for split");
});

it("makes a shared value once in a lowering, and again in the next", () => {
  let made = 0;
  const make = () => ++made;
  expect([context.shared("a", make), context.shared("a", make), context.shared("b", make)]).toEqual([1, 1, 2]);
  expect(loweringContext("cpu").shared("a", make)).toBe(3);
});
