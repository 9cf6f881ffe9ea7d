/**
 * The core of batch, layer, group and instance normalisation: subtract the mean and divide by the
 * standard deviation.
 */
import { apply, describe, type Op, shapeError, type Tensor } from "../tensor.ts";
import { add, mul, reciprocal, sqrt, sub } from "./elementwise.ts";
import { reduceMean } from "./reduce.ts";

interface Standardise {
  readonly axes: readonly number[];
  readonly eps: number;
}

const standardiseOp: Op<[Tensor], Standardise, readonly [Tensor, Tensor, Tensor, Tensor]> = {
  name: "standardise",
  infer: ([x], { axes }) => {
    if (axes.length === 0 || axes.some((a) => a < 0 || a >= x.shape.length))
      throw shapeError("standardise", `axes [${axes}] of ${describe(x)}`);
    const reduced = { shape: x.shape.map((d, i) => (axes.includes(i) ? 1 : d)), dtype: x.dtype };
    return [x, reduced, reduced, reduced];
  },
  compose: ([x], { axes, eps }) => {
    const mean = reduceMean(x, { axes, keepDims: true });
    const centred = sub(x, mean);
    const variance = reduceMean(mul(centred, centred), { axes, keepDims: true });
    const inverse = reciprocal(sqrt(add(variance, eps)));
    return [mul(centred, inverse), mean, variance, inverse];
  },
  // dx = (g − mean(g) − x̂ mean(g x̂)) / σ, Ioffe and Szegedy (2015), section 3.
  gradient: ({ outputs: [normal, , , inverse], attributes: { axes } }, [g, ...statistics]) => {
    if (g === undefined || statistics.some((s) => s !== undefined))
      throw new Error("standardise: the statistics are not differentiable");
    const options = { axes, keepDims: true };
    const centred = sub(g, reduceMean(g, options));
    return [mul(inverse, sub(centred, mul(normal, reduceMean(mul(g, normal), options))))];
  },
};

/** The outputs of a standardisation. */
export interface Standardised {
  /** (x − mean) / √(variance + eps), the shape of x. */
  readonly normal: Tensor;
  /** Mean over the axes, which are kept with size 1. */
  readonly mean: Tensor;
  /** Biased variance over the axes, which are kept with size 1. */
  readonly variance: Tensor;
}

/** Standardises over the given axes. Only `normal` is differentiable. */
export function standardise(x: Tensor, { axes, eps }: { axes: readonly number[]; eps: number }): Standardised {
  const [normal, mean, variance] = apply(standardiseOp, [x], { axes, eps });
  return { normal, mean, variance };
}
