import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { fill } from "../../test/support/fill.ts";
import { Interrupted } from "../errors.ts";
import { input } from "../graph/index.ts";
import { dropout, linear, meanSquaredError, sgd, trace } from "../nn/index.ts";
import { key } from "../random/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { type LoopOptions, type Saver, train } from "./loop.ts";
import { type Snapshot, type Trainer, trainer } from "./trainer.ts";

const STEPS = 9;

/** Keeps snapshots in memory; one is due after every second step. */
function memory(): Saver & { last: Snapshot | undefined; saved: number[] } {
  let checks = 0;
  return {
    last: undefined,
    saved: [],
    async load() {
      return this.last;
    },
    due: () => ++checks % 2 === 0,
    async save(snapshot) {
      this.last = snapshot;
      this.saved.push(snapshot.step);
    },
  };
}

describe("train", () => {
  let model: Trainer;
  let single: Trainer;
  beforeAll(async () => {
    const traced = trace(
      (at) => {
        const x = dropout(at, input("x", [4, 6]), { rate: 0.5 });
        return { loss: meanSquaredError(linear(at, x, { out: 2 }), input("target", [4, 2])) };
      },
      { training: true },
    );
    model = await trainer({
      traced,
      optimiser: sgd({ momentum: 0.9 }),
      device: nodeDevice({ name: "cpu", threads: 1 }),
      most: 2,
    });
    single = await trainer({
      traced,
      optimiser: sgd({ momentum: 0.9 }),
      device: nodeDevice({ name: "cpu", threads: 1 }),
      most: 1,
    });
  });
  afterAll(async () => {
    await model.release();
    await single.release();
  });

  const options = (more: Partial<LoopOptions> = {}): LoopOptions => ({
    trainer: model,
    steps: STEPS,
    lr: (step) => 0.1 / (step + 1),
    noise: key(3),
    feeds: (step) => ({ x: fill(`x${step}`, 24), target: fill(`target${step}`, 8) }),
    ...more,
  });

  const uninterrupted = async () => {
    const losses: number[] = [];
    model.initialise(key(1));
    await train(options({ onStep: (_, loss) => void losses.push(loss) }));
    return { losses, end: await model.snapshot() };
  };

  it("runs all steps and reports each", async () => {
    const seen: number[] = [];
    model.initialise(key(1));
    await train(options({ onStep: (done) => void seen.push(done) }));
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(model.step).toBe(STEPS);
  });

  it("gives the same result when it is interrupted and resumed", async () => {
    const { losses, end } = await uninterrupted();
    const saver = memory();
    const seen: number[] = [];
    for (const stop of [4, 6, STEPS + 1]) {
      const controller = new AbortController();
      const onStep = (done: number, loss: number) => {
        seen.push(loss);
        if (done === stop) controller.abort();
      };
      model.initialise(key(99)); // forgotten, as a snapshot is restored
      if (saver.last === undefined) model.initialise(key(1));
      const run = train(options({ saver, signal: controller.signal, onStep }));
      if (stop <= STEPS) await expect(run).rejects.toThrow(Interrupted);
      else await run;
    }
    expect(seen).toEqual(losses);
    expect(await model.snapshot()).toEqual(end);
    // A signal stops after the steps under way.
    expect(saver.saved).toEqual([3, 5, 6]);
  });

  it("gives the same result with any number of steps in one run", async () => {
    const { losses, end } = await uninterrupted();
    const alone: number[] = [];
    single.initialise(key(1));
    await train(options({ trainer: single, onStep: (_, loss) => void alone.push(loss) }));
    expect(alone).toEqual(losses);
    expect(await single.snapshot()).toEqual(end);
  });

  it("has the state of the reported step wherever it is watched", async () => {
    const seen: [number, number][] = [];
    model.initialise(key(1));
    await train(options({ onStep: (done) => void seen.push([done, model.step]), watched: (done) => done % 3 === 0 }));
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((done, i) => [done, [1, 3, 3, 5, 5, 6, 8, 8, 9][i]]));
  });

  it("does nothing when the saved training is finished", async () => {
    const { end } = await uninterrupted();
    const saver = memory();
    saver.last = end;
    let steps = 0;
    await train(options({ saver, onStep: () => void steps++ }));
    expect(steps).toBe(0);
    expect(await model.snapshot()).toEqual(end);
  });

  it("stops when the loss is not finite, naming the step", async () => {
    model.initialise(key(1));
    await expect(train(options({ lr: () => 1e30 }))).rejects.toThrow(
      expect.objectContaining({
        code: "E_RUN",
        message: expect.stringMatching(/^the loss became .+ at step [2-9] of 9/),
      }),
    );
  });
});
