import { describe, expect, it } from "vitest";
import { input } from "../../graph/index.ts";
import { countOf, trace } from "../../nn/index.ts";
import { matrix } from "../../numeric/index.ts";
import { foldIn, key, normal, permutation } from "../../random/index.ts";
import { batched, compile } from "../../runtime/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import {
  deep,
  disguised,
  INPUTS,
  networks,
  normalised,
  output,
  perceptron,
  shallow,
  unitsIn,
} from "../../symmetry/hidden-units.fixture.ts";
import { canonicalSpace, type HiddenUnits, type InputAxes, parametersOf, reorder } from "../../symmetry/index.ts";
import { train, trainer } from "../../training/index.ts";
import { denoiser } from "../denoisers/denoisers.ts";
import { predictor } from "../denoisers/predictor.ts";
import { generatorGraph, generatorNoise } from "../generator-graph.ts";
import { unnormalised } from "../normalisations/normalisation.ts";
import { flowPath, trainingTimes } from "../process.ts";
import { noiseOf, sampleLatents } from "../samplers/sample-latents.ts";
import { type SamplerOptions, sampler as samplerOf } from "../samplers/samplers.ts";
import { denoiserStep } from "../training.ts";
import { fromTokens, sizeOfTokens, type TokenShape, toTokens, unitTokens } from "../unit-tokens.ts";
import { fitUnits, unitCodec, unitWeights } from "./unit-codec.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });
const both = [
  ["one hidden layer", shallow],
  ["two hidden layers", deep],
  ["two hidden layers, normalised", normalised],
] as const;

const axes: InputAxes = {
  mean: normal(key(21), INPUTS),
  axes: Float32Array.from({ length: INPUTS ** 2 }, (_, i) => (i % (INPUTS + 1) === 0 ? 1 : 0)),
  variance: Float32Array.from({ length: INPUTS }, (_, i) => 2 ** -i),
};
const fitted = async (units: HiddenUnits) => {
  const zoo = networks("zoo", 30, units);
  return {
    zoo,
    ...(await fitUnits(
      matrix(zoo, parametersOf(units)),
      await canonicalSpace(matrix(zoo, parametersOf(units)), units, axes, device),
      device,
    )),
  };
};

describe.each(both)("tokens of %s", (_, units) => {
  const D = parametersOf(units);

  it("hold every parameter once, and are undone exactly", async () => {
    expect(sizeOfTokens(unitTokens(units))).toBe(D);
    const v = networks("some", 3, units);
    const [there, back] = [
      batched((x) => toTokens(x, units), { from: D, to: D, batch: 50, device }),
      batched((x) => fromTokens(x, units), { from: D, to: D, batch: 50, device }),
    ];
    const tokens = await there.run(v);
    expect(new Set(tokens)).toEqual(new Set(v));
    expect(await back.run(tokens)).toEqual(v);
    await there.release();
    await back.release();
  });

  it("are standardised over all units of a layer, the same for each", async () => {
    const { zoo, fit } = await fitted(units);
    const codec = unitCodec(fit, device);
    const latents = await codec.encode(zoo);
    const [{ count, width }] = codec.tokens!.groups as [{ count: number; width: number }];
    for (const j of [0, width - 1]) {
      const values = Array.from(
        { length: 30 * count },
        (_, i) => latents[Math.floor(i / count) * D + (i % count) * width + j]!,
      );
      const mean = values.reduce((a, b) => a + b) / values.length;
      expect(mean).toBeCloseTo(0, 4);
      expect(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length).toBeCloseTo(1, 3);
      expect(fit.scale[j]).toBe(fit.scale[width + j]);
    }
    await codec.release();
  });

  it("decode to a network that computes what the encoded one does, whatever its disguise", async () => {
    const { fit } = await fitted(units);
    const codec = unitCodec(fit, device);
    const v = networks("one", 1, units);
    const latents = await codec.encode(v);
    const decoded = await codec.decode(latents);
    const x = normal(key(6), INPUTS);
    output(decoded, x, units).forEach((y, o) => {
      expect(y).toBeCloseTo(output(v, x, units)[o]!, 3);
    });
    const again = await codec.encode(decoded);
    again.forEach((z, i) => {
      expect(z).toBeCloseTo(latents[i]!, 3);
    });
    // Of one hidden layer, where the best order is found whatever the order was.
    if (units.length === 2)
      (await codec.encode(disguised(v, "mask", units))).forEach((z, i) => {
        expect(z).toBeCloseTo(latents[i]!, 3);
      });
    await codec.release();
  });

  it("count by what they do to the outputs, on average 1", async () => {
    const { fit } = await fitted(units);
    const weights = await unitWeights(fit, device);
    expect(weights.reduce((a, b) => a + b) / D).toBeCloseTo(1, 4);
    expect(Math.min(...weights)).toBeGreaterThan(0);
    // Inputs by falling variance.
    expect(weights[0]!).toBeGreaterThan(weights[INPUTS - 1]!);
  });
});

const tokens = unitTokens(shallow);
const D = parametersOf(shallow);
const options = { type: "units", width: 16, blocks: 2, heads: 4 } as const;
const denoiserOf = (of: TokenShape) => denoiser(options, { steps: 100, tokens: of });
const network = denoiserOf(tokens);
const path = flowPath({ steps: 100, uniform: 0.5 });
const parameters = (of: typeof tokens, d: number) =>
  trace((at) => denoiserOf(of)(at, input("x", [1, d]), input("t", [1], "int32")), { training: false }).parameters;
/** Weights far from their beginnings, where every block is the identity. */
const state = {
  theta: normal(key(1), countOf(parameters(tokens, D))).map((w) => 0.2 * w),
  buffers: new Float32Array(),
};

/** Latents with their units in another order. */
const shuffle = (latents: Float32Array, order: ArrayLike<number>): Float32Array => {
  const [{ count, width }] = tokens.groups as [{ count: number; width: number }];
  return latents.map((x, at) => {
    const [row, i] = [Math.floor(at / D) * D, at % D];
    return i < count * width ? latents[row + order[Math.floor(i / width)]! * width + (i % width)]! : x;
  });
};

describe("the denoiser of units", () => {
  const order = permutation(key(4), 5);
  const expectClose = (a: Float32Array, b: Float32Array) =>
    a.forEach((value, i) => {
      expect(value).toBeCloseTo(b[i]!, 4);
    });

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
    const noise = noiseOf(key(5), 3, D, "start");
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
    const theta = normal(key(2), countOf(parameters(many, d))).map((w) => 0.2 * w);
    const asked = await predictor(
      denoiserOf(many),
      { theta, buffers: new Float32Array() },
      { count: 1, latent: d, device },
    );
    const [there, back] = [toTokens, fromTokens].map((map) =>
      batched((v) => map(v, deep), { from: d, to: d, batch: 50, device }),
    ) as [ReturnType<typeof batched>, ReturnType<typeof batched>];
    const answer = async (v: Float32Array) => back.run(await asked.predict(await there.run(v), 40));
    const v = normal(key(8), d);
    const shuffled = [5, 4].map((n, l) => Int32Array.from(permutation(foldIn(key(9), l), n)));
    expectClose(await answer(reorder(v, deep, shuffled)), reorder(await answer(v), deep, shuffled));
    for (const each of [asked, there, back]) await each.release();
  });

  it.each<SamplerOptions>([
    { type: "euler", steps: 7 },
    { type: "heun", steps: 5 },
  ])("as the graph of a generator draws what the sampler draws step by step: %o", async (asked) => {
    const sampler = samplerOf(asked);
    const { predict, release } = await predictor(network, state, { count: 2, latent: D, device });
    const expected = await sampleLatents(sampler, { predict, process: path, count: 2, latent: D, key: key(5) });
    await release();
    const graph = generatorGraph({
      denoiser: network,
      state,
      process: path,
      sampler,
      scale: unnormalised(D),
      count: 2,
      latent: D,
      decode: (z) => z,
    });
    const program = await compile({ parameters: graph }, device);
    const noise = generatorNoise(sampler, { process: path, count: 2, latent: D, key: key(5) });
    expectClose((await program.run({ noise })).parameters as Float32Array, expected);
    await program.release();
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
      network: denoiserOf(pair),
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
      denoiserOf(pair),
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
