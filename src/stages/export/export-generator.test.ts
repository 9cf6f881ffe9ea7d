import { readFileSync } from "node:fs";
import { join } from "node:path";

import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, describe, expect, it } from "vitest";
import { isThorough } from "../../../test/support/thorough.ts";

import { run, temporaryFolders, tinyRecipe } from "../../../test/support/tiny-run.ts";
import { readSafetensors } from "../../checkpoints/index.ts";
import { generatorNoise, processOf } from "../../diffusion/index.ts";
import { foldIn } from "../../random/index.ts";
import { builtInParts } from "../../recipe/index.ts";
import { paths } from "../../run/paths.ts";
import { runKey } from "../context.ts";
import { loadCodec, samplerOf } from "../fit/generator-files.ts";
import { exportGenerator } from "./export-generator.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const linear = { preset: "linear", autoencoder: { type: "linear", latent: 4 } };
const tokens = {
  preset: "tokens",
  autoencoder: { type: "tokens", chunk: 512, rank: 4, latent: 6, training: { steps: 10, batch: 8 }, gate: -10 },
};
const units = {
  preset: "units",
  zoo: { kind: "seeds", count: 6 },
  autoencoder: { type: "units" },
  diffusion: { denoiser: { width: 8, blocks: 1, heads: 2 }, training: { steps: 10, batch: 4 } },
  sample: { count: 3, sampler: { type: "heun", steps: 4 } },
};
const guided = {
  ...units,
  diffusion: { ...units.diffusion, snapshots: 2 },
  sample: { ...units.sample, guidance: { weight: 3, from: 0.2, to: 0.8 } },
};
const ancestral = { sample: { count: 3, sampler: { type: "ddpm" } } };

describe("an exported generator", () => {
  it.each([
    ["convolutional, by a sampler that adds noise to some steps", {}],
    ["on tokens", tokens],
    ["of hidden units, followed by Heun's method, guided by a snapshot", guided],
    ["linear, the normalisation by tensor", { ...linear, normalisation: "tensor" }],
    ["linear, without normalisation", linear],
    ...(isThorough
      ? [
          ["convolutional, by the ancestral sampler", ancestral] as const,
          ["of hidden units, without guidance", units] as const,
          ["of hidden units of two layers", { ...units, network: { name: "mlp", hidden: [8, 6] } }] as const,
        ]
      : []),
  ] as const)("draws in ONNX Runtime what the run draws from the same noise: %s", async (_, parts) => {
    const folder = folders.make();
    const recipe = tinyRecipe(parts);
    await run(folder, { recipe, stages: ["collect", "fit", "sample"] });
    const p = paths(folder);
    const { count } = recipe.sample;
    const setting = { recipe, paths: p, parts: builtInParts };
    const sampler = samplerOf(setting);
    const file = join(folder, "generator.onnx");
    const { noise, parameters } = await exportGenerator(setting, file, count);
    const { codec } = await loadCodec(setting);
    const { latent } = codec;
    await codec.release();
    const process = processOf(recipe.diffusion!.process);
    const drawn = generatorNoise(sampler, { process, count, latent, key: foldIn(runKey(recipe), "sample") });
    expect(drawn).toHaveLength(noise.reduce((a, b) => a * b, 1));
    // Nothing of ours: the file and ONNX Runtime.
    const session = await InferenceSession.create(readFileSync(file));
    const result = await session.run({ noise: new Tensor("float32", drawn, noise) });
    const made = result.parameters!.data as Float32Array;
    await session.release();
    const [, dimension] = parameters;
    for (let k = 0; k < count; k++) {
      const { tensors } = await readSafetensors(join(p.samples, `000${k + 1}.safetensors`));
      const sample = [...tensors.values()].flatMap((values) => [...(values as Float32Array)]);
      expect(sample).toHaveLength(dimension);
      const largest = Math.max(...sample.map(Math.abs));
      const off = sample.map((value, i) => Math.abs(value - made[k * dimension + i]!));
      expect(Math.max(...off) / largest).toBeLessThan(1e-4);
    }
  });
});
