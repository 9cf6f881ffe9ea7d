/**
 * Draws of a baseline as parameter vectors; where it draws latents, these go through the run's
 * autoencoder.
 */

import { type Baseline, type UnitMatching, unitMatching } from "../../baselines/index.ts";
import type { Layout } from "../../layout/index.ts";
import type { Key } from "../../random/index.ts";
import type { AnyRecipe } from "../../recipe/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import type { CanonicalSpace } from "../../symmetry/index.ts";
import { loadCodec } from "../fit/generator-files.ts";
import type { GeneratorSetting } from "../fit/generator-index.ts";

/** What to draw from, and how much. */
export interface BaselineDraw extends GeneratorSetting {
  /** `[K, D]` */
  readonly originals: Float32Array;
  readonly layout: Layout;
  readonly count: number;
  /** Matches the originals' units; of originals in canonical form. */
  readonly matching: UnitMatching | undefined;
  readonly key: Key;
  readonly signal: AbortSignal;
}

/**
 * Matches the units of originals `[K, D]` in canonical form; undefined where they have none.
 * @param space the canonical space of the originals.
 */
export function matchingOf(
  originals: Float32Array,
  space: CanonicalSpace | undefined,
  { recipe, signal }: { readonly recipe: AnyRecipe; readonly signal: AbortSignal },
): UnitMatching | undefined {
  if (space === undefined) return undefined;
  const dimension = space.effects.length;
  const vectors = { count: originals.length / dimension, dimension, values: originals };
  return unitMatching(vectors, space, nodeDevice(recipe.device), signal);
}

/** Draws `[count, D]`. */
export async function drawBaseline(
  baseline: Baseline,
  { originals, layout, count, matching, key, signal, ...setting }: BaselineDraw,
): Promise<Float32Array> {
  const options = { count, key, layout, device: nodeDevice(setting.recipe.device), matching, signal };
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
