/**
 * Draws of a baseline as parameter vectors; where it draws latents, these go through the run's
 * autoencoder.
 */

import { type Baseline, type UnitMatching, unitMatching } from "../../baselines/index.ts";
import { UserError } from "../../errors.ts";
import type { Layout } from "../../layout/index.ts";
import type { Key } from "../../random/index.ts";
import type { AnyRecipe } from "../../recipe/index.ts";
import { readCheckpoints, verifiedCheckpoints } from "../../run/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { type CanonicalSpace, canonicalForms } from "../../symmetry/index.ts";
import { comparableSpace } from "../canonical-form.ts";
import type { ReadingContext } from "../context.ts";
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

/**
 * Opens a baseline for draws from the zoo of a run.
 * @returns what draws `[count, D]` with a key.
 * @throws UserError `E_CONFIG` when it needs networks of known units and the zoo has none.
 */
export async function openBaseline(
  context: ReadingContext,
  baseline: Baseline,
  chosen: Layout,
): Promise<(count: number, key: Key) => Promise<Float32Array>> {
  const { recipe, paths: p, parts, signal } = context;
  const files = await verifiedCheckpoints(p.zoo, `make the zoo again: pdiff collect ${p.folder} --force`, signal);
  const plain = await readCheckpoints(files, chosen);
  const space = await comparableSpace(context, plain, chosen);
  if (baseline.space === "units" && space === undefined)
    throw new UserError(
      "E_CONFIG",
      `generator ${baseline.name} needs networks of known units that were trained separately (network: mlp or cnn, zoo.kind: seeds or orders)`,
    );
  const { values: originals } =
    space === undefined ? plain : await canonicalForms(plain, space, nodeDevice(recipe.device), signal);
  const matching = matchingOf(originals, space, context);
  return (count, key) =>
    drawBaseline(baseline, { recipe, paths: p, parts, originals, count, layout: chosen, matching, key, signal });
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
