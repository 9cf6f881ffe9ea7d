import { expect, it } from "vitest";

import { neg } from "../ops/elementwise.ts";
import { type Call, input } from "../tensor.ts";
import { loweringContext } from "./rule.ts";
import { defaultRules } from "./rules.ts";

const { call } = neg(input("x", [4])).source as { call: Call };

it.each(Object.entries(defaultRules))("every rule listed for %s is a rule for that op", (op, rules) => {
  for (const rule of rules)
    expect(() => rule(call, loweringContext("cpu"))).toThrow(`a rule for ${op} was used for neg`);
});
