/**
 * How kernels of convolutions and pools are laid over their input, the same at both ends of every
 * spatial axis.
 */
import type { Shape } from "../tensor.ts";

export interface ConvGeometry {
  readonly stride: number;
  readonly padding: number;
  readonly groups: number;
}

/** A convolution and the spatial shape of its kernel. */
export interface WeightGeometry extends ConvGeometry {
  readonly kernel: Shape;
}

/**
 * A convolution and the spatial shape of its input, which the result of a strided one does not
 * determine.
 */
export interface InputGeometry extends ConvGeometry {
  readonly spatial: Shape;
}

/** Every position in a kernel, in row-major order. */
export function tapsOf(kernel: Shape): number[][] {
  return kernel.reduce<number[][]>(
    (all, k) => all.flatMap((tap) => Array.from({ length: k }, (_, i) => [...tap, i])),
    [[]],
  );
}
