/**
 * Draws of a baseline as parameter vectors; where it draws latents, these go through the run's
 * autoencoder.
 */

import type { Baseline } from "../../baselines/index.ts";
import type { Layout } from "../../layout/index.ts";
import type { Key } from "../../random/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { loadCodec } from "../fit/generator-files.ts";
import type { GeneratorSetting } from "../fit/generator-index.ts";

/** What to draw from, and how much. */
export interface BaselineDraw extends GeneratorSetting {
  /** `[K, D]` */
  readonly originals: Float32Array;
  readonly layout: Layout;
  readonly count: number;
  readonly key: Key;
  readonly signal: AbortSignal;
}

/** Draws `[count, D]`. */
export async function drawBaseline(
  baseline: Baseline,
  { originals, layout, count, key, signal, ...setting }: BaselineDraw,
): Promise<Float32Array> {
  const options = { count, key, layout, device: nodeDevice(setting.recipe.device), signal };
  const dimension = layout.size;
  if (baseline.space !== "latents")
    return baseline.draw({ count: originals.length / dimension, dimension, values: originals }, options);
  const { codec } = await loadCodec(setting);
  try {
    const values = await codec.encode(originals);
    const latents = { count: values.length / codec.latent, dimension: codec.latent, values };
    return await codec.decode(await baseline.draw(latents, options));
  } finally {
    await codec.release();
  }
}
