/** Losses, averaged over the batch. */
import { at, logSoftmax, mul, neg, oneHot, reduceMean, reduceSum, sub, type Tensor } from "../graph/index.ts";

/**
 * Cross-entropy of logits `[batch, classes]` against int32 labels `[batch]`, mean over the batch.
 */
export function crossEntropy(logits: Tensor, labels: Tensor): Tensor {
  const chosen = mul(logSoftmax(logits), oneHot(labels, at(logits.shape, 1)));
  return neg(reduceMean(reduceSum(chosen, { axes: [1] })));
}

/** Mean of the squared differences of two tensors of one shape. */
export function meanSquaredError(prediction: Tensor, target: Tensor): Tensor {
  const difference = sub(prediction, target);
  return reduceMean(mul(difference, difference));
}
