import { afterAll, describe, expect, it } from "vitest";

import { fill, fillIntegers } from "../../test/support/fill.ts";
import { oneStep } from "../../test/support/one-step.ts";
import { input, relu, sizeOf, topological } from "../graph/index.ts";
import { adamw, batchNorm, crossEntropy, dropout, linear, type Optimiser, sgd, trace } from "../nn/index.ts";
import { foldIn, key } from "../random/index.ts";
import type { Device } from "../runtime/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { trainingStep } from "./step.ts";
import { type Snapshot, type Trainer, trainer } from "./trainer.ts";

const device: Device = nodeDevice({ name: "cpu", threads: 1 });
const noise = key(2);

/** A classifier with everything that a step can carry: dropout noise and running statistics. */
const traced = trace(
  (at) => {
    const x = linear(at.in("fc1"), input("x", [8, 6]), { out: 5 });
    const y = dropout(at.in("drop"), relu(batchNorm(at.in("norm"), x)), { rate: 0.3 });
    const logits = linear(at.in("fc2"), y, { out: 3 });
    return { loss: crossEntropy(logits, input("labels", [8], "int32")) };
  },
  { training: true },
);

const feeds = (step: number) => ({ x: fill(`x${step}`, 48), labels: fillIntegers(`labels${step}`, 8, 3) });

const open: Trainer[] = [];
afterAll(() => Promise.all(open.map((t) => t.release())));

async function make(options: { optimiser?: Optimiser; ema?: number; frozen?: Map<string, Float32Array> } = {}) {
  const made = await trainer({ traced, optimiser: adamw(), device, ...options });
  open.push(made);
  return made;
}

/** Steps up to number `until`, and the losses on the way. */
async function advance(model: Trainer, until: number): Promise<number[]> {
  const losses: number[] = [];
  while (model.step < until) losses.push(await oneStep(model, feeds(model.step), 0.05, noise));
  return losses;
}

describe("a trainer", () => {
  it("gives the same bytes for the same seed, and others for another", async () => {
    const run = async (seed: number) => {
      const model = await make({ ema: 0.9 });
      model.initialise(key(seed));
      const losses = await advance(model, 6);
      return { losses, ...(await model.snapshot()) };
    };
    const first = await run(1);
    expect(await run(1)).toEqual(first);
    expect((await run(3)).vectors.theta).not.toEqual(first.vectors.theta);
  });

  it("resumes from a snapshot in another trainer, bit for bit", async () => {
    const whole = await make({ ema: 0.9 });
    whole.initialise(key(1));
    await advance(whole, 3);
    // As if through a file.
    const { step, vectors } = await whole.snapshot();
    const snapshot: Snapshot = {
      step,
      vectors: Object.fromEntries(Object.entries(vectors).map(([name, v]) => [name, v.slice()])),
    };
    expect(Object.keys(vectors)).toEqual(["theta", "m", "v", "buffers", "ema"]);
    const losses = await advance(whole, 7);

    const resumed = await make({ ema: 0.9 });
    resumed.restore(snapshot);
    expect(resumed.step).toBe(3);
    expect(await advance(resumed, 7)).toEqual(losses);
    expect(await resumed.snapshot()).toEqual(await whole.snapshot());
  });

  it("is not changed by later writes to arrays it received or returned", async () => {
    const model = await make();
    const theta = fill("theta", (await model.read("theta")).length);
    model.start(theta);
    const before = await model.snapshot();
    theta.fill(0);
    (await model.read("theta")).fill(0);
    before.vectors.theta!.fill(0);
    expect(await model.read("theta")).toEqual(fill("theta", theta.length));
  });

  it("starts with the layers' initial values, statistics and zeros", async () => {
    const model = await make({ ema: 0.5 });
    model.initialise(key(4));
    await advance(model, 2);
    model.initialise(key(4));
    expect(model.step).toBe(0);
    const expected = model.trainable.flatMap((p) => [...p.initialise(foldIn(key(4), p.name), sizeOf(p.shape))]);
    expect(await model.read("theta")).toEqual(Float32Array.from(expected));
    expect(await model.read("ema")).toEqual(await model.read("theta"));
    expect(await model.read("buffers")).toEqual(Float32Array.of(0, 0, 0, 0, 0, 1, 1, 1, 1, 1));
    expect((await model.read("m")).every((x) => x === 0)).toBe(true);
  });

  it("starts from running statistics given with the parameters", async () => {
    const model = await make();
    const buffers = fill("buffers", 10, 0.5, 1);
    model.start(fill("theta", (await model.read("theta")).length), buffers);
    expect(await model.read("buffers")).toEqual(buffers);
  });

  it("draws other noise at every step", async () => {
    const model = await make({ optimiser: sgd() });
    model.initialise(key(1));
    const losses = [];
    for (let i = 0; i < 4; i++) losses.push(await oneStep(model, feeds(0), 0, noise));
    expect(new Set(losses).size).toBe(4);
    model.initialise(key(1));
    expect(await oneStep(model, feeds(0), 0, noise)).toBe(losses[0]);
    model.initialise(key(1));
    expect(await oneStep(model, feeds(0), 0, key(5))).not.toBe(losses[0]);
  });

  it("refuses vectors of another network", async () => {
    const model = await make();
    expect(() => model.start(new Float32Array(3))).toThrow("theta");
    const { step, vectors } = await model.snapshot();
    const { m, ...rest } = vectors;
    expect(() => model.restore({ step, vectors: rest })).toThrow("the snapshot does not fit: m");
    expect(() => model.restore({ step, vectors: { ...rest, m: m!.subarray(1) } })).toThrow("does not fit: m");
  });
});

describe("frozen parameters", () => {
  const values = new Map(
    traced.parameters
      .filter(({ name }) => !name.startsWith("norm."))
      .map(({ name, shape }) => [name, fill(name, sizeOf(shape))]),
  );

  it("do not train and never change", async () => {
    const before = new Map([...values].map(([name, v]) => [name, v.slice()]));
    const model = await make({ frozen: values });
    expect(model.trainable.map((p) => p.name)).toEqual(["norm.weight", "norm.bias"]);
    model.start(fill("theta", 10));
    await advance(model, 3);
    expect(await model.read("theta")).toHaveLength(10);
    expect(await model.read("theta")).not.toEqual(fill("theta", 10));
    expect(values).toEqual(before);
  });

  it("act like parameters with learning rate 0", async () => {
    const all = await make({ optimiser: sgd() });
    const some = await make({ optimiser: sgd(), frozen: values });
    const normal = fill("theta", 10);
    const theta = traced.parameters.flatMap((p) =>
      p.name === "norm.weight"
        ? [...normal.subarray(0, 5)]
        : p.name === "norm.bias"
          ? [...normal.subarray(5)]
          : [...values.get(p.name)!],
    );
    all.start(Float32Array.from(theta));
    some.start(normal);
    const losses = [await oneStep(all, feeds(0), 0.1, noise), await oneStep(some, feeds(0), 0.1, noise)];
    expect(losses[0]).toBeCloseTo(losses[1]!, 6);
    const offset = 35; // fc1 comes first
    const moved = (await all.read("theta")).subarray(offset, offset + 10);
    for (const [i, value] of (await some.read("theta")).entries()) expect(value).toBeCloseTo(moved[i]!, 6);
  });

  it("are not differentiated, nor is anything before the first that trains", () => {
    const products = (frozen?: Map<string, Float32Array>) => {
      const { state } = trainingStep({ traced, optimiser: sgd(), frozen });
      return topological([state.theta!.next]).filter((call) => call.op.name === "gemm").length;
    };
    const body = traced.parameters.filter(({ name }) => !name.startsWith("fc2"));
    // Two forward; then one for each weight and one through the last layer.
    expect(products()).toBe(2 + 3);
    expect(products(new Map(body.map(({ name, shape }) => [name, fill(name, sizeOf(shape))])))).toBe(2 + 1);
  });
});
