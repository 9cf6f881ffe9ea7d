/** A task network for a data set: its parameters by name, and its graph in training and in evaluation. */
import { type Layout, layoutOf } from "../checkpoints/index.ts";
import type { DataSet } from "../data/index.ts";
import { input, type Tensor } from "../graph/index.ts";
import { type NetworkOptions, network } from "../networks/index.ts";
import { crossEntropy, type Traced, trace } from "../nn/index.ts";

/** What a network is made for. */
export type ImageShape = Pick<DataSet, "channels" | "height" | "width" | "classes">;

export interface Classifier {
  /** All its parameters in order of declaration. */
  readonly layout: Layout;
  /** The loss of a batch: inputs `images` `[batch, channels, height, width]` and `labels` int32 `[batch]`. */
  loss(batch: number): Traced<{ loss: Tensor }>;
  /** Logits `[batch, classes]` of `images` in evaluation mode. */
  logits(batch: number): Traced<Tensor>;
}

/**
 * The network of a recipe for images of a shape.
 * @throws UserError `E_SHAPE` when the images are too small for it.
 */
export function classifier(options: NetworkOptions, { channels, height, width, classes }: ImageShape): Classifier {
  const net = network(options);
  const images = (batch: number) => input("images", [batch, channels, height, width]);
  const logits = (batch: number) => trace((at) => net(at, images(batch), classes), { training: false });
  return {
    layout: layoutOf(logits(1).parameters),
    logits,
    loss: (batch) =>
      trace((at) => ({ loss: crossEntropy(net(at, images(batch), classes), input("labels", [batch], "int32")) }), {
        training: true,
      }),
  };
}
