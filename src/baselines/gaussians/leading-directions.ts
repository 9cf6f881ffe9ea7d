/** The leading principal directions of many vectors. */

import { yieldToEvents } from "../../event-loop.ts";
import { constant, gemm, type Tensor } from "../../graph/index.ts";
import { leadingEigenvectors } from "../../numeric/index.ts";
import type { Device } from "../../runtime/index.ts";
import { row, type Vectors } from "../vectors.ts";

/** The iteration ends when the explained variance grows by less: no test sees such a difference. */
const SETTLED = 1e-3;

/**
 * The directions of most variance, each times its standard deviation, the greatest first.
 * @param options `rank`: how many; fewer where the vectors span fewer.
 */
export async function leadingDirections(
  vectors: Vectors,
  {
    mean,
    rank,
    device,
    signal,
  }: { mean: Float64Array; rank: number; device: Device; signal?: AbortSignal | undefined },
): Promise<Float64Array[]> {
  const { count: n, dimension: d } = vectors;
  const wanted = Math.min(rank, n - 1, d);
  const centred = new Float32Array(n * d);
  for (let i = 0; i < n; i++) {
    await yieldToEvents(signal);
    centred.set(
      row(vectors, i).map((x, j) => x - mean[j]!),
      i * d,
    );
  }
  const c = constant(centred, [n, d]);
  const scatter = (rows: Tensor) => gemm(gemm(rows, c, { transB: true }), c);
  const found = await leadingEigenvectors({
    size: d,
    rank: wanted,
    settled: SETTLED,
    product: scatter,
    device,
    signal,
  });
  return found.map(({ value, vector }) => vector.map((x) => x * Math.sqrt(value / (n - 1))));
}
