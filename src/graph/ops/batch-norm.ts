/**
 * Batch normalisation in training (Ioffe and Szegedy, 2015): each channel is standardised over the
 * batch, then scaled and shifted. It is one op, and not `standardise` followed by a product and a
 * sum, because the gradient then needs half as many passes over memory: values that are constant
 * along a channel are computed on vectors first.
 */
import { at } from "../../lookup.ts";
import { apply, describe, type Op, type Shape, shapeError, sizeOf, type Tensor } from "../tensor.ts";
import { reduceSum } from "./broadcast.ts";
import { add, mul, neg, reciprocal, sqrt, sub } from "./elementwise.ts";
import { reduceMean } from "./reduce.ts";
import { reshape } from "./shape.ts";

interface BatchNorm {
  readonly eps: number;
}

/** All axes but the channels'. */
const axesOf = (shape: Shape): number[] => shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));

/** A vector `[channels]` shaped to meet an input of the given shape. */
function along(v: Tensor, shape: Shape): Tensor {
  const [channels = 1, ...others] = shape.slice(1);
  return reshape(v, [channels, ...others.map(() => 1)]);
}

const batchNormOp: Op<[Tensor, Tensor, Tensor], BatchNorm, readonly [Tensor, Tensor, Tensor, Tensor, Tensor]> = {
  name: "batchNorm",
  infer: ([x, weight, bias]) => {
    const channels = x.shape[1];
    const fits = x.shape.length >= 2 && [weight, bias].every((v) => v.shape.length === 1 && v.shape[0] === channels);
    if (!fits) throw shapeError("batchNorm", `weight ${describe(weight)} and bias ${describe(bias)} on ${describe(x)}`);
    return [x, weight, weight, x, weight];
  },
  compose: ([x, weight, bias], { eps }) => {
    const axes = axesOf(x.shape);
    const mean = reduceMean(x, { axes });
    const centred = sub(x, along(mean, x.shape));
    const variance = reduceMean(mul(centred, centred), { axes });
    const inverse = reciprocal(sqrt(add(variance, eps)));
    const y = add(mul(centred, along(mul(weight, inverse), x.shape)), along(bias, x.shape));
    return [y, mean, variance, centred, inverse];
  },
  // dx = w / σ (g − mean(g) − x̂ mean(g x̂)), Ioffe and Szegedy, section 3, as a g + b (x − mean) +
  // c.
  gradient: ({ inputs: [x, weight], outputs: [, , , centred, inverse] }, [g, ...statistics], wanted) => {
    if (g === undefined || statistics.some((s) => s !== undefined))
      throw new Error("batchNorm: the statistics are not differentiable");
    const { shape } = x;
    const axes = axesOf(shape);
    const count = sizeOf(shape) / at(shape, 1);
    const toBias = reduceSum(g, { axes });
    const toWeight = mul(reduceSum(mul(g, centred), { axes }), inverse);
    const toInput = () => {
      const a = mul(weight, inverse);
      const b = neg(mul(mul(a, inverse), mul(toWeight, 1 / count)));
      const c = neg(mul(a, mul(toBias, 1 / count)));
      return add(add(mul(g, along(a, shape)), mul(centred, along(b, shape))), along(c, shape));
    };
    return [wanted[0] ? toInput() : undefined, wanted[1] ? toWeight : undefined, wanted[2] ? toBias : undefined];
  },
};

/** The outputs of batch normalisation. */
export interface BatchNormalised {
  /** weight (x − mean) / √(variance + eps) + bias, the shape of x. */
  readonly y: Tensor;
  /** Mean of each channel, `[channels]`. */
  readonly mean: Tensor;
  /** Biased variance of each channel, `[channels]`. */
  readonly variance: Tensor;
}

/**
 * Normalises x `[batch, channels, …]` per channel; weight and bias `[channels]`. Only `y` is
 * differentiable.
 */
export function batchNorm(
  x: Tensor,
  { weight, bias, eps }: { weight: Tensor; bias: Tensor; eps: number },
): BatchNormalised {
  const [y, mean, variance] = apply(batchNormOp, [x, weight, bias], { eps });
  return { y, mean, variance };
}
