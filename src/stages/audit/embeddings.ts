/** Networks in the plane: their latents, or their parameters if there is no autoencoder. */

import type { Codec } from "../../diffusion/index.ts";
import { throwIfAborted } from "../../errors.ts";
import { embed } from "../../evaluation/index.ts";
import { at } from "../../lookup.ts";
import { concatenate, evenly, matrix, rowsOf } from "../../numeric/index.ts";
import type { Embedding } from "../../records/index.ts";
import { progressItem } from "../../run/index.ts";
import type { StageContext } from "../context.ts";

/** Points of each group: more are no clearer, and the time grows with their square. */
const MAX_POINTS = 120;

/** Embeds groups of networks by every method of the recipe. */
export async function embeddings(
  context: StageContext,
  codec: Codec | undefined,
  groups: readonly { readonly name: string; readonly vectors: Float32Array }[],
): Promise<Embedding[]> {
  const { recipe } = context;
  const { chosen } = await context.task();
  const present = groups.filter(({ vectors }) => vectors.length > 0);
  const thinned = present.map(({ name, vectors }) => {
    const rows = evenly(rowsOf(matrix(vectors, chosen.size)), MAX_POINTS);
    return { name, count: rows.length, rows: concatenate(rows) };
  });
  const all = concatenate(thinned.map(({ rows }) => rows));
  const vectors = codec === undefined ? all : await codec.encode(all);
  const dimension = codec?.latent ?? chosen.size;
  const figures: Embedding[] = [];
  for (const method of recipe.audit.embeddings) {
    await context.progress(progressItem("embed"), figures.length, recipe.audit.embeddings.length);
    throwIfAborted(context.signal);
    const places = await embed({ method, vectors, dimension, seed: recipe.seed, signal: context.signal });
    let row = 0;
    figures.push({
      method,
      space: codec === undefined ? "parameters" : "latents",
      groups: thinned.map(({ name, count }) => {
        const points = Array.from({ length: count }, (_, i): [number, number] => [
          at(places, 2 * (row + i)),
          at(places, 2 * (row + i) + 1),
        ]);
        row += count;
        return { name, points: points.filter((point) => point.every(Number.isFinite)) };
      }),
    });
  }
  return figures;
}
