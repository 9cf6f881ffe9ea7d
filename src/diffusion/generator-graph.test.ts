import { describe, expect, it } from "vitest";

import { D, expectClose, network, path, state } from "../../test/support/unit-denoiser.ts";
import { constant, input, matMul, type Tensor } from "../graph/index.ts";
import { countOf, trace } from "../nn/index.ts";
import { foldIn, key, normal, uniform } from "../random/index.ts";
import { compile } from "../runtime/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { type DenoiserOptions, denoiser } from "./denoisers/denoisers.ts";
import { predictor } from "./denoisers/predictor.ts";
import { generatorGraph, generatorNoise, noiseRows } from "./generator-graph.ts";
import { denormalise, unnormalised } from "./normalisations/normalisation.ts";
import { noiseSchedule } from "./process.ts";
import { sampleLatents } from "./samplers/sample-latents.ts";
import { type SamplerOptions, sampler as samplerOf } from "./samplers/samplers.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });
const [count, latent] = [3, 8];
const schedule = noiseSchedule({ steps: 200, betaStart: 1e-4, betaEnd: 0.02 });
const directions = normal(key(5), latent * 20);

const denoisers: Record<string, DenoiserOptions> = {
  mlp: { type: "mlp", width: 16, blocks: 2 },
  v1: { type: "v1", channels: [2, 3], kernel: 3 },
  v3: { type: "v3", channels: [2, 3], kernel: 3 },
};
const samplers: Record<string, SamplerOptions> = {
  "ddpm, clipped": { type: "ddpm", variance: "posterior", clip: 5 },
  "ddpm of the larger variance": { type: "ddpm", variance: "large", clip: 1 },
  ddim: { type: "ddim", steps: 20, eta: 0, clip: null },
  "ddim with noise": { type: "ddim", steps: 20, eta: 0.5, clip: 3 },
};

describe.each(Object.entries(denoisers))("the graph of a generator with the denoiser %s", (_, options) => {
  it.each(Object.entries(samplers))("draws what the sampler draws step by step: %s", async (_, asked) => {
    const sampler = samplerOf(asked);
    const net = denoiser(options, schedule);
    const { parameters, buffers } = trace((at) => net(at, input("x", [1, latent]), input("t", [1], "int32")), {
      training: false,
    });
    const state = {
      theta: normal(key(1), countOf(parameters)).map((w) => 0.2 * w),
      buffers: uniform(key(2), countOf(buffers)).map((v) => 0.5 + v),
    };
    const scale = { mean: normal(key(3), latent), scale: uniform(key(4), latent), reference: new Float32Array(latent) };

    const { predict, release } = await predictor(net, state, { count, latent, device });
    const drawn = await sampleLatents(sampler, {
      predict,
      process: schedule,
      count,
      latent,
      key: foldIn(key(6), "draw"),
    });
    await release();
    const decode = (z: Tensor) => matMul(z, constant(directions, [latent, 20]));
    const latents = await compile({ out: decode(input("z", [count, latent])) }, device);
    const expected = (await latents.run({ z: denormalise(scale, drawn) })).out as Float32Array;
    await latents.release();

    const graph = generatorGraph({
      denoiser: net,
      state,
      process: schedule,
      sampler,
      scale,
      decode,
      count,
      latent,
    });
    const program = await compile({ parameters: graph }, device);
    expect(program.inputs.get("noise")?.shape).toEqual([noiseRows(sampler, schedule), count, latent]);
    const noise = generatorNoise(sampler, { process: schedule, count, latent, key: foldIn(key(6), "draw") });
    const made = (await program.run({ noise })).parameters as Float32Array;
    await program.release();

    const size = Math.hypot(...expected) / Math.sqrt(expected.length);
    for (const [i, value] of made.entries()) expect(Math.abs(value - expected[i]!) / size).toBeLessThan(1e-4);
  });
});

it.each<SamplerOptions>([
  { type: "euler", steps: 7 },
  { type: "heun", steps: 5 },
])("the graph of a generator of units draws what the sampler draws step by step: %o", async (asked) => {
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
