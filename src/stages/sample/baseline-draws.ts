/** Draws of a generator's rival as parameter vectors, also where it draws latents: these go through the autoencoder. */

import type { Rival } from "../../baselines/index.ts";
import type { Layout } from "../../checkpoints/index.ts";
import type { Key } from "../../random/index.ts";
import type { AnyRecipe } from "../../recipe/index.ts";
import type { Paths } from "../../run/index.ts";
import { loadCodec } from "../fit/generator-files.ts";

export interface RivalDraw {
  readonly recipe: AnyRecipe;
  readonly paths: Paths;
  /** `[K, D]` */
  readonly originals: Float32Array;
  readonly layout: Layout;
  readonly count: number;
  readonly key: Key;
}

/** Draws `[count, D]`. */
export async function drawRival(
  rival: Rival,
  { recipe, paths: p, originals, layout, count, key }: RivalDraw,
): Promise<Float32Array> {
  const options = { count, key, layout };
  const dimension = layout.size;
  if (rival.space !== "latents")
    return rival.draw({ count: originals.length / dimension, dimension, values: originals }, options);
  const { codec } = await loadCodec(recipe, p);
  try {
    const values = await codec.encode(originals);
    const latents = { count: values.length / codec.latent, dimension: codec.latent, values };
    return await codec.decode(await rival.draw(latents, options));
  } finally {
    await codec.release();
  }
}
