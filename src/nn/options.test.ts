import { describe, expect, it } from "vitest";
import type { z } from "zod";

import {
  depth,
  fraction,
  oddSide,
  optimiserSchema,
  positive,
  scheduleSchema,
  steps,
  trainingWith,
  widths,
} from "./options.ts";

const takes = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success;

describe("numbers", () => {
  it.each<[string, z.ZodType, unknown[], unknown[]]>([
    ["steps", steps, [1, 1e9], [0, 1e9 + 1, 1.5]],
    ["layers", depth, [1, 100], [0, 101]],
    ["sides of kernels", oddSide, [1, 3, 999], [0, 2, 1001]],
    ["shares", fraction, [0, 0.5, 1], [-0.1, 1.1]],
    ["positive numbers", positive, [1e-9, 5], [0, -1, Number.NaN]],
    ["widths", widths, [[], [8, 16]], [[0], Array(101).fill(1)]],
  ])("of %s have bounds", (_, schema, good, bad) => {
    expect(good.map((value) => takes(schema, value))).toEqual(good.map(() => true));
    expect(bad.map((value) => takes(schema, value))).toEqual(bad.map(() => false));
  });
});

describe("an optimiser", () => {
  it("may be its name alone, and has defaults", () => {
    expect(optimiserSchema.parse("sgd")).toEqual({ type: "sgd", momentum: 0.9, nesterov: false, weightDecay: 0 });
    expect(optimiserSchema.parse({ type: "adamw", weightDecay: 0.1 })).toEqual({
      type: "adamw",
      betas: [0.9, 0.999],
      weightDecay: 0.1,
    });
  });

  it("takes no options of another", () => {
    expect(takes(optimiserSchema, { type: "adam", momentum: 0.9 })).toBe(false);
    expect(takes(optimiserSchema, "rmsprop")).toBe(false);
  });
});

describe("a schedule", () => {
  it("may be its name alone, where nothing else must be said", () => {
    expect(scheduleSchema.parse("constant")).toEqual({ type: "constant", warmup: 0 });
    expect(scheduleSchema.parse("cosine")).toEqual({ type: "cosine", floor: 0, per: "step", warmup: 0 });
    expect(takes(scheduleSchema, "multi-step")).toBe(false);
  });
});

describe("a training of which nothing need be said", () => {
  const schema = trainingWith({ steps: 100, batch: 8, lr: 0.1, optimiser: "adam", schedule: "constant" });

  it("takes what is left out from its defaults", () => {
    const adam = { type: "adam", betas: [0.9, 0.999], weightDecay: 0 };
    const constant = { type: "constant", warmup: 0 };
    expect(schema.parse(undefined)).toEqual({ steps: 100, batch: 8, lr: 0.1, optimiser: adam, schedule: constant });
    expect(schema.parse({ steps: 5, optimiser: "sgd" })).toMatchObject({
      steps: 5,
      batch: 8,
      optimiser: { type: "sgd" },
    });
  });

  it("refuses names that it does not know", () => {
    expect(takes(schema, { step: 5 })).toBe(false);
  });
});
