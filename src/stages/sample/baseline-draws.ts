/** Draws of a generator's baseline as parameter vectors, also where it draws latents: these go through the autoencoder. */

import type { Baseline } from "../../baselines/index.ts";
import type { Layout } from "../../checkpoints/index.ts";
import type { Key } from "../../random/index.ts";
import type { AnyRecipe } from "../../recipe/index.ts";
import type { Paths } from "../../run/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { loadCodec } from "../fit/generator-files.ts";

export interface BaselineDraw {
  readonly recipe: AnyRecipe;
  readonly paths: Paths;
  /** `[K, D]` */
  readonly originals: Float32Array;
  readonly layout: Layout;
  readonly count: number;
  readonly key: Key;
}

/** Draws `[count, D]`. */
export async function drawBaseline(
  baseline: Baseline,
  { recipe, paths: p, originals, layout, count, key }: BaselineDraw,
): Promise<Float32Array> {
  const options = { count, key, layout, device: nodeDevice(recipe.device) };
  const dimension = layout.size;
  if (baseline.space !== "latents")
    return baseline.draw({ count: originals.length / dimension, dimension, values: originals }, options);
  const { codec } = await loadCodec(recipe, p);
  try {
    const values = await codec.encode(originals);
    const latents = { count: values.length / codec.latent, dimension: codec.latent, values };
    return await codec.decode(await baseline.draw(latents, options));
  } finally {
    await codec.release();
  }
}
