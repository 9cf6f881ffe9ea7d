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
  const options = { rank: wanted, settled: SETTLED, device, signal };
  if (d <= n) {
    const product = (rows: Tensor) => gemm(gemm(rows, c, { transB: true }), c);
    const found = await leadingEigenvectors({ ...options, size: d, product });
    return found.map(({ value, vector }) => vector.map((x) => x * Math.sqrt(value / (n - 1))));
  }
  // Fewer vectors than coordinates: each direction is a combination of the vectors, whose weights
  // are an eigenvector of their inner products.
  const product = (rows: Tensor) => gemm(gemm(rows, c), c, { transB: true });
  const directions: Float64Array[] = [];
  for (const { vector } of await leadingEigenvectors({ ...options, size: n, product })) {
    await yieldToEvents(signal);
    const direction = new Float64Array(d);
    for (let i = 0; i < n; i++) {
      const weight = vector[i]! / Math.sqrt(n - 1);
      for (let j = 0, place = i * d; j < d; j++, place++) direction[j]! += weight * centred[place]!;
    }
    directions.push(direction);
  }
  return directions;
}
