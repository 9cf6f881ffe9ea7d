/**
 * Sinusoidal features of diffusion time steps (Vaswani et al., 2017; cosines first, as in the
 * p-diff code).
 */
import { constant, type Tensor } from "../graph/index.ts";

/**
 * A table `[steps, width]` whose row t holds cos(t ω_i), then sin(t ω_i), with ω_i = 10000^(−i /
 * (width / 2)).
 * @param width even.
 */
export function timeFeatures(steps: number, width: number): Tensor {
  const half = width / 2;
  const frequencies = Float64Array.from({ length: half }, (_, i) => 10000 ** (-i / half));
  const table = new Float32Array(steps * width);
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < half; i++) {
      const angle = t * frequencies[i]!;
      table[t * width + i] = Math.cos(angle);
      table[t * width + half + i] = Math.sin(angle);
    }
  }
  return constant(table, [steps, width]);
}
