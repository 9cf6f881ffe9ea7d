import { describe, expect, it } from "vitest";

import { onEachDevice } from "../../../test/support/devices.ts";
import { fill, fillIntegers } from "../../../test/support/fill.ts";
import {
  expectPrediction,
  itIsPytorchsStep,
  oneStepOf,
  STEPS,
  type StepCase,
  untrained,
} from "../../../test/support/pytorch-steps.ts";
import {
  D,
  expectClose,
  network,
  path,
  state,
  tokens,
  unitDenoiserOf,
  unitState,
} from "../../../test/support/unit-denoiser.ts";
import { foldIn, key, normal, permutation } from "../../random/index.ts";
import { batched } from "../../runtime/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { deep, perceptron, unitsIn } from "../../symmetry/hidden-units.fixture.ts";
import { parametersOf, reorder } from "../../symmetry/index.ts";
import { train, trainer } from "../../training/index.ts";
import { flowPath, trainingTimes } from "../process.ts";
import { noiseOf, sampleLatents } from "../samplers/sample-latents.ts";
import { sampler as samplerOf } from "../samplers/samplers.ts";
import { denoiserStep } from "../training.ts";
import { fromTokens, sizeOfTokens, type TokenShape, toTokens, unitTokens } from "../unit-tokens.ts";
import { predictor } from "./predictor.ts";
import { type UnitDenoiserOptions, unitDenoiser } from "./units.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

/**
 * Tokens of one layer's units, and of two layers' with edges between them; one of no unit in each.
 */
const oneLayer: TokenShape = {
  groups: [
    { count: 5, width: 9 },
    { count: 1, width: 3 },
  ],
  edges: [],
};
const twoLayers: TokenShape = {
  groups: [
    { count: 4, width: 6 },
    { count: 3, width: 8 },
    { count: 1, width: 3 },
  ],
  edges: [{ count: 12, width: 1 }],
};

const caseOf = (options: UnitDenoiserOptions, batch: number, tokens: TokenShape): StepCase => {
  const latent = sizeOfTokens(tokens);
  return {
    step: denoiserStep({
      network: unitDenoiser.build(options, { steps: STEPS, tokens }),
      process: flowPath({ steps: STEPS, uniform: 1, location: 0, preconditioned: false }),
      training: oneStepOf(batch),
      ema: null,
      latent,
      weight: fill("weight", latent, 0.1, 2),
    }),
    feeds: { z: fill("z", batch * latent, -2, 2), t: fillIntegers("t", batch, STEPS) },
  };
};

onEachDevice("the denoiser of units", (device) => {
  describe.each([
    ["unit denoiser", { type: "units", width: 8, blocks: 2, heads: 2 }, 4, oneLayer],
    ["unit denoiser of two layers", { type: "units", width: 8, blocks: 2, heads: 4 }, 3, twoLayers],
  ] as const)("%s", (name, options, count, tokens) => {
    const step = caseOf(options, count, tokens);
    itIsPytorchsStep(name, step, device);

    it("predicts the velocity that PyTorch's predicts", async () => {
      const latent = sizeOfTokens(tokens);
      await expectPrediction(name, { options, tokens, state: untrained(name, step), count, latent }, device);
    });
  });
});

/** Latents with their units in another order. */
const shuffle = (latents: Float32Array, order: ArrayLike<number>): Float32Array => {
  const [{ count, width }] = tokens.groups as [{ count: number; width: number }];
  return latents.map((x, at) => {
    const [row, i] = [Math.floor(at / D) * D, at % D];
    return i < count * width ? latents[row + order[Math.floor(i / width)]! * width + (i % width)]! : x;
  });
};

describe("a denoiser of units", () => {
  const order = permutation(key(4), 5);

  it("is equivariant to the order of units, and sees what they are", async () => {
    const x = normal(key(7), 3 * D);
    const { predict, release } = await predictor(network, state, { count: 3, latent: D, device });
    const plain = (await predict(x, 40)).slice();
    expectClose(await predict(shuffle(x, order), 40), shuffle(plain, order));
    expect(
      await predict(
        x.map((value, i) => (i === 0 ? value + 1 : value)),
        40,
      ),
    ).not.toEqual(plain);
    expect((await predict(x, 41)).slice()).not.toEqual(plain);
    await release();
  });

  it("draws the same networks from noise in another order, in that order", async () => {
    const { predict, release } = await predictor(network, state, { count: 3, latent: D, device });
    const run = { predict, process: path, count: 3, latent: D, key: key(5) };
    const noise = noiseOf({ key: key(5), count: 3, latent: D }, "start");
    const drawn = await sampleLatents(samplerOf({ type: "heun", steps: 6 }), run);
    const other = await sampleLatents(samplerOf({ type: "heun", steps: 6 }), {
      ...run,
      from: { index: 0, x: shuffle(noise, order) },
    });
    expectClose(other, shuffle(drawn, order));
    await release();
  });

  it("of several hidden layers is equivariant to the order of each", async () => {
    const [many, d] = [unitTokens(deep), parametersOf(deep)];
    const asked = await predictor(unitDenoiserOf(many), unitState(many, d, 2), { count: 1, latent: d, device });
    const [there, back] = [toTokens, fromTokens].map((map) =>
      batched((v) => map(v, deep), { from: d, to: d, batch: 50, device }),
    ) as [ReturnType<typeof batched>, ReturnType<typeof batched>];
    const answer = async (v: Float32Array) => back.run(await asked.predict(await there.run(v), 40));
    const v = normal(key(8), d);
    const shuffled = [5, 4].map((n, l) => Int32Array.from(permutation(foldIn(key(9), l), n)));
    expectClose(await answer(reorder(v, deep, shuffled)), reorder(await answer(v), deep, shuffled));
    for (const each of [asked, there, back]) await each.release();
  });

  it("learns units in no order: of two kinds that come in any order it draws one of each", async () => {
    // Networks of two units of one number, −1 and 1, whichever comes first.
    const units = unitsIn(perceptron(1, 2, 1));
    const pair = { groups: [{ count: 2, width: 1 }], edges: [] };
    expect(unitTokens(units).groups).toHaveLength(2);
    const training = {
      steps: 400,
      batch: 64,
      lr: 5e-3,
      optimiser: { type: "adamw", betas: [0.9, 0.999], weightDecay: 0 } as const,
      schedule: { type: "cosine", floor: 0, warmup: 20 } as const,
    };
    const step = denoiserStep({
      network: unitDenoiserOf(pair),
      process: path,
      training,
      ema: null,
      latent: 2,
    });
    const run = await trainer({ ...step, device });
    run.initialise(key(3));
    await train({
      trainer: run,
      steps: training.steps,
      noise: key(4),
      lr: (at) => training.lr * (1 - at / training.steps),
      feeds: (at) => ({
        z: Float32Array.from({ length: 128 }, (_, i) =>
          normal(foldIn(key(5), at), 64)[i >> 1]! > 0 === (i % 2 === 0) ? 1 : -1,
        ),
        t: trainingTimes(path, foldIn(key(6), at), 64),
      }),
    });
    const asked = await predictor(
      unitDenoiserOf(pair),
      { theta: await run.read("theta"), buffers: new Float32Array() },
      { count: 50, latent: 2, device },
    );
    await run.release();
    const drawn = await sampleLatents(samplerOf({ type: "heun", steps: 20 }), {
      predict: asked.predict,
      process: path,
      count: 50,
      latent: 2,
      key: key(7),
    });
    await asked.release();
    const sums = Array.from({ length: 50 }, (_, k) => Math.abs(drawn[2 * k]! + drawn[2 * k + 1]!));
    const sizes = Array.from(drawn, (x) => Math.abs(Math.abs(x) - 1));
    expect(sums.filter((sum) => sum < 0.3).length).toBeGreaterThan(40);
    expect(sizes.filter((size) => size < 0.3).length).toBeGreaterThan(85);
    expect(drawn.filter((x, i) => i % 2 === 0 && x > 0).length).toBeGreaterThan(10);
  });
});
