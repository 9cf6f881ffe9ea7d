/** How many images a network classifies at once. */
import { cost, type Tensor } from "../graph/index.ts";
import type { Layout } from "../layout/index.ts";
import type { Traced } from "../nn/index.ts";

/** Bytes of activations that stay in the cache of a core. */
const CACHED = 2 ** 21;
/** Bytes of activations for each byte of parameters, which every run splits into tensors again. */
const PER_PARAMETER = 4;
/** Bytes of activations in memory, about, at most. */
const MEMORY = 2 ** 29;
const MIN_IMAGES = 10;

/** A network that classifies images. */
export interface Classifying {
  /** Logits of `batch` images. */
  readonly logits: (batch: number) => Traced<Tensor>;
  /** All tensors of the network. */
  readonly layout: Layout;
}

/**
 * Batch size of a network: few enough images for its activations to stay in the cache, and enough
 * to outweigh copying its parameters. What checkpoints that differ only in some tensors share is
 * computed once for each batch, so batches are then as large as memory allows. For the CNN of
 * 10 853 parameters, 1 000 images take 28 ms in batches of 25, and 35 ms in batches of 250; for an
 * MLP of 3 322, 0.3 ms in batches of 1 000, and 0.8 ms in batches of 250.
 * @param chosen the tensors in which checkpoints differ.
 * @param most a multiple of the result.
 */
export function evaluationBatch({ logits, layout }: Classifying, chosen: Layout, most: number): number {
  const [one, two] = [1, 2].map((images) => cost([logits(images).outputs], "anywhere").peak) as [number, number];
  const whole = Math.max(CACHED, Math.min(MEMORY, PER_PARAMETER * 4 * layout.size));
  const fitting = (chosen.size === layout.size ? whole : MEMORY) / (two - one);
  let images = most;
  while (images > Math.max(MIN_IMAGES, fitting) || most % images !== 0) images--;
  return images;
}
