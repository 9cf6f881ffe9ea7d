/** A task network for a data set: the layout of its tensors, its loss and its logits. */

import type { DataSet } from "../data/index.ts";
import { input, type Tensor } from "../graph/index.ts";
import { type Layout, layoutOf, type TensorSpec } from "../layout/index.ts";
import type { Network } from "../networks/index.ts";
import { crossEntropy, type Scope, type Traced, trace } from "../nn/index.ts";

/** The images and classes that a network is built for. */
export type ImageShape = Pick<DataSet, "channels" | "height" | "width" | "classes">;

/** A task network for images of one shape. */
export interface Classifier {
  /** Its parameters and running statistics, in the order of PyTorch's state dict. */
  readonly layout: Layout;
  /**
   * The loss of a batch in training, with inputs `images` `[batch, channels, height, width]` and
   * `labels` int32 `[batch]`.
   * @param statistics what batch normalisation uses; the batch's statistics by default.
   */
  loss(batch: number, statistics?: Scope["statistics"]): Traced<{ loss: Tensor }>;
  /** Logits `[batch, classes]` of `images` in evaluation mode. */
  logits(batch: number): Traced<Tensor>;
}

/** The layout of all tensors that a network declares. */
function stateLayout({ parameters, buffers, stateNames }: Traced<unknown>): Layout {
  const specs: TensorSpec[] = [...parameters, ...buffers];
  const byName = new Map(specs.map((spec) => [spec.name, spec]));
  return layoutOf(stateNames.flatMap((name) => byName.get(name) ?? []));
}

/**
 * Builds a network for images of a shape.
 * @throws UserError `E_SHAPE` when the images are too small for it.
 */
export function classifier(net: Network, { channels, height, width, classes }: ImageShape): Classifier {
  const images = (batch: number) => input("images", [batch, channels, height, width]);
  const logits = (batch: number) => trace((at) => net(at, images(batch), classes), { training: false });
  return {
    layout: stateLayout(logits(1)),
    logits,
    loss: (batch, statistics = "batch") =>
      trace((at) => ({ loss: crossEntropy(net(at, images(batch), classes), input("labels", [batch], "int32")) }), {
        training: true,
        statistics,
      }),
  };
}
