import { describe, expect, it } from "vitest";

import fixture from "../../test/fixtures/optimisers.json" with { type: "json" };
import { fill } from "../../test/support/fill.ts";
import { type Fixture, relativeError } from "../../test/support/fixtures.ts";
import { oneStep } from "../../test/support/one-step.ts";
import { input, sizeOf, tanh } from "../graph/index.ts";
import { key } from "../random/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { trainer } from "../training/index.ts";
import { linear } from "./layers.ts";
import { meanSquaredError } from "./losses.ts";
import { adam, adamw, type Optimiser, optimiser, sgd } from "./optimisers.ts";
import { trace } from "./scope.ts";

const expected = fixture as unknown as Fixture;
const STEPS = 5;

/** The optimisers of test/oracle/optimisers.py and their highest learning rates. */
const cases: Readonly<Record<string, [Optimiser, number]>> = {
  sgd: [sgd(), 0.1],
  "sgd, weight decay": [sgd({ weightDecay: 0.05 }), 0.1],
  "sgd, momentum": [sgd({ momentum: 0.9, weightDecay: 5e-4 }), 0.1],
  "sgd, nesterov": [sgd({ momentum: 0.9, nesterov: true, weightDecay: 5e-4 }), 0.1],
  adam: [adam(), 0.01],
  "adam, weight decay": [adam({ betas: [0.8, 0.95], weightDecay: 0.1 }), 0.01],
  adamw: [adamw(), 0.01],
  "adamw, no decay": [adamw({ weightDecay: 0 }), 0.01],
  "adamw, other betas": [adamw({ betas: [0.5, 0.9], weightDecay: 2 }), 0.01],
};

const traced = trace(
  (at) => {
    const hidden = tanh(linear(at.in("fc1"), input("x", [6, 4]), { out: 5 }));
    return { loss: meanSquaredError(linear(at.in("fc2"), hidden, { out: 3 }), input("target", [6, 3])) };
  },
  { training: true },
);
const initial = Float32Array.from(traced.parameters.flatMap((p) => [...fill(p.name, sizeOf(p.shape))]));
const minus = (a: ArrayLike<number>, b: ArrayLike<number>) => Float64Array.from(a, (value, i) => value - b[i]!);

describe("optimisers, step by step at a falling learning rate, agree with PyTorch:", () => {
  it.each(Object.entries(cases))("%s", async (name, [rule, lr]) => {
    const model = await trainer({ traced, optimiser: rule, ema: 0.9, device: nodeDevice({ name: "cpu", threads: 1 }) });
    model.start(initial);
    for (let step = 0; step < STEPS; step++) {
      const feeds = { x: fill(`x${step}`, 24, -2, 2), target: fill(`target${step}`, 18, -2, 2) };
      const loss = await oneStep(model, feeds, lr * (1 - step / STEPS), key(0));
      expect(relativeError([loss], expected[name]![`loss ${step}`]!)).toBeLessThan(1e-6);
      // What the steps have changed, so that a small error of an update is not lost in the size of
      // the parameters.
      const theta = expected[name]![`theta ${step}`]!;
      expect(relativeError(minus(await model.read("theta"), initial), [...minus(theta, initial)])).toBeLessThan(1e-5);
    }
    expect(relativeError(await model.read("ema"), expected[name]!.ema!)).toBeLessThan(1e-6);
    await model.release();
  });
});

describe("optimiser", () => {
  it("makes what a recipe asks for", () => {
    const betas = [0.9, 0.99] as const;
    expect(optimiser({ type: "sgd", momentum: 0.9, nesterov: true, weightDecay: 0 }).slots).toEqual(["momentum"]);
    expect(optimiser({ type: "sgd", momentum: 0, nesterov: false, weightDecay: 0 }).slots).toEqual([]);
    // The first scalar of Adam's rule is the factor of decoupled decay.
    expect(optimiser({ type: "adam", betas, weightDecay: 0.5 }).scalars(1, 0.1)[0]).toBe(1);
    expect(optimiser({ type: "adamw", betas, weightDecay: 0.5 }).scalars(1, 0.1)[0]).toBe(0.95);
    expect(optimiser({ type: "adamw", betas, weightDecay: 0 }).scalars(2, 0.1)[1]).toBeCloseTo(0.1 / (1 - 0.81), 15);
  });
});
