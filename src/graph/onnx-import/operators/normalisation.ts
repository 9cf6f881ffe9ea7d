/** ONNX's normalisations. */

import { expand } from "../../ops/broadcast.ts";
import { add, mul, reciprocal, sqrt, sub } from "../../ops/elementwise.ts";
import { reduceMean } from "../../ops/reduce.ts";
import { reshape } from "../../ops/shape.ts";
import { standardise } from "../../ops/standardise.ts";
import { sizeOf, type Tensor } from "../../tensor.ts";
import { axisOf } from "../attributes.ts";
import type { BoundNode } from "../bound-node.ts";
import { refuse } from "../refuse.ts";
import { type OperatorTable, rankOf, sizeAlong, spatialOf } from "./operator.ts";

const epsilonOf = ({ attributes }: BoundNode): number => attributes.float("epsilon", 1e-5);

/** A vector of channels reshaped to broadcast with `[batch, channels, …]`. */
const alongChannels = (v: Tensor, x: Tensor): Tensor => reshape(v, [sizeAlong(v, 0), ...spatialOf(x).map(() => 1)]);

/** The normalised axes: from the attribute `axis` to the last. */
const normalisedAxes = ({ attributes }: BoundNode, x: Tensor): number[] => {
  const first = axisOf(attributes.int("axis", -1), rankOf(x));
  return x.shape.map((_, i) => i).filter((i) => i >= first);
};

/** Evaluates by running statistics: w (x − mean) / √(variance + eps) + b. */
function batchNormalisation(node: BoundNode): Tensor {
  const { attributes, tensor } = node;
  if (attributes.int("training_mode", 0) === 1)
    refuse("it was exported in training mode; call model.eval() before the export");
  const x = tensor(0);
  const [w, b, mean, variance] = [tensor(1), tensor(2), tensor(3), tensor(4)];
  const factor = mul(w, reciprocal(sqrt(add(variance, epsilonOf(node)))));
  return add(mul(x, alongChannels(factor, x)), alongChannels(sub(b, mul(mean, factor)), x));
}

function layerNormalisation(node: BoundNode): Tensor {
  const x = node.tensor(0);
  const { normal } = standardise(x, { axes: normalisedAxes(node, x), eps: epsilonOf(node) });
  const scaled = mul(normal, node.tensor(1));
  return node.has(2) ? add(scaled, node.tensor(2)) : scaled;
}

/** w x / √(mean of x² + eps). */
function rmsNormalisation(node: BoundNode): Tensor {
  const x = node.tensor(0);
  const square = reduceMean(mul(x, x), { axes: normalisedAxes(node, x), keepDims: true });
  return mul(mul(x, reciprocal(sqrt(add(square, epsilonOf(node))))), node.tensor(1));
}

/** Normalises each sample's channels in groups. */
function groupNormalisation(node: BoundNode, groups: number): Tensor {
  const x = node.tensor(0);
  const [w, b] = [node.tensor(1), node.tensor(2)];
  const [batch, channels] = [sizeAlong(x, 0), sizeAlong(x, 1)];
  const grouped = reshape(x, [batch, groups, sizeOf(x.shape) / (batch * groups)]);
  const normal = reshape(standardise(grouped, { axes: [2], eps: epsilonOf(node) }).normal, x.shape);
  // Version 18 has one weight for each group, version 21 one for each channel.
  const perChannel = (v: Tensor) =>
    sizeAlong(v, 0) === channels
      ? v
      : reshape(expand(reshape(v, [groups, 1]), [groups, channels / groups]), [channels]);
  return add(mul(normal, alongChannels(perChannel(w), x)), alongChannels(perChannel(b), x));
}

/** The operators of this family. */
export const normalisationOperators: OperatorTable = {
  BatchNormalization: batchNormalisation,
  GroupNormalization: (node) => groupNormalisation(node, node.attributes.int("num_groups", 1)),
  InstanceNormalization: (node) => groupNormalisation(node, sizeAlong(node.tensor(0), 1)),
  LayerNormalization: layerNormalisation,
  RMSNormalization: rmsNormalisation,
};
