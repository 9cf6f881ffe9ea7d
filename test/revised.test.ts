/**
 * Whole runs of the revised paper's generators: with batch normalisation to carry along, and
 * without a denoiser.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readSafetensors } from "../src/checkpoints/index.ts";
import { Interrupted } from "../src/errors.ts";
import type { RunEvent } from "../src/run/index.ts";
import { fingerprint, run, temporaryFolders, tinyRecipe } from "./support/tiny-run.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const training = { steps: 20, batch: 8 };
/** Fewer checkpoints than a batch has rows. */
const zoo = { count: 6, batch: 50, lr: 1e-2, select: "fc2.*" };
const autoencoder = { channels: [3, 4, 5], latent: 6, training, gate: -1e6 };
const v3 = {
  preset: "v3",
  zoo,
  autoencoder,
  diffusion: { denoiser: { channels: [4, 6] }, training },
};
const kinds = {
  "the revised paper's": v3,
  "the revised paper's, with its code's quirks": {
    ...v3,
    autoencoder: { ...autoencoder, batchNorm: "batch", noise: { target: "noisy" } },
  },
  "its baseline": { preset: "vae", zoo, autoencoder, diffusion: undefined, sample: { count: 6 } },
};

let whole: Record<string, Record<string, string>>;
const made: Record<string, string> = {};
beforeAll(async () => {
  whole = {};
  for (const [kind, parts] of Object.entries(kinds)) {
    made[kind] = folders.make();
    await run(made[kind], { recipe: tinyRecipe(parts), saveEveryMs: 10_000 });
    whole[kind] = fingerprint(made[kind]);
  }
});

const sampleOf = async (kind: string, i: number) =>
  (await readSafetensors(join(made[kind]!, "samples", `000${i}.safetensors`))).tensors.get("fc2.weight")!;

describe.each(Object.entries(kinds))("a run of %s generator", (kind, parts) => {
  it("keeps the running statistics with the parameters", async () => {
    const { tensors } = await readSafetensors(join(made[kind]!, "generator", "autoencoder.safetensors"));
    // Mean and variance of 3 + 4 + 5 channels down and 4 + 3 + 3 up.
    expect(tensors.get("buffers")).toHaveLength(44);
    expect(tensors.get("buffers")!.some((x) => x !== 0 && x !== 1)).toBe(true);
  });

  it("draws networks that differ", async () => {
    const [first, second] = [await sampleOf(kind, 1), await sampleOf(kind, 2)];
    expect(first.every(Number.isFinite)).toBe(true);
    expect(first).not.toEqual(second);
  });

  it("makes the same bytes when its training is stopped and continued", async () => {
    const folder = folders.make();
    const recipe = tinyRecipe(parts);
    const controller = new AbortController();
    const emit = (event: RunEvent) => {
      if (event.type === "progress" && event.item.id === "fit-autoencoder" && event.step === 9) controller.abort();
    };
    await expect(run(folder, { recipe, emit, signal: controller.signal })).rejects.toThrow(Interrupted);
    await run(folder, { recipe });
    expect(fingerprint(folder)).toEqual(whole[kind]);
  });
});

describe("a variational autoencoder", () => {
  const kind = "its baseline";

  it("needs no denoiser", () => {
    expect(existsSync(join(made[kind]!, "generator", "denoiser.safetensors"))).toBe(false);
    const index = JSON.parse(readFileSync(join(made[kind]!, "samples", "index.json"), "utf8"));
    expect(index).toMatchObject({ count: 6, generator: "vae" });
  });

  it("draws each network alone as among others", async () => {
    const folder = folders.make();
    await run(folder, {
      recipe: tinyRecipe({ ...kinds[kind], sample: { count: 2 } }),
      stages: ["collect", "fit", "sample"],
    });
    const files = ["samples/0001.safetensors", "samples/0002.safetensors"];
    for (const file of files) expect(fingerprint(folder)[file]).toBe(whole[kind]![file]);
  });
});
