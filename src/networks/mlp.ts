/** A multilayer perceptron on the pixels: linear layers with ReLU between them, `fc1`, `fc2`, … */
import { relu, reshape, sizeOf } from "../graph/index.ts";
import { linear } from "../nn/index.ts";
import type { Network } from "./network.ts";

export interface MlpOptions {
  /** Widths of the hidden layers; two of them make the three-layer MLP-3 of the paper. */
  readonly hidden: readonly number[];
}

export function mlp({ hidden }: MlpOptions): Network {
  return (at, images, classes) => {
    const batch = images.shape[0]!;
    let x = reshape(images, [batch, sizeOf(images.shape) / batch]);
    hidden.forEach((out, i) => {
      x = relu(linear(at.in(`fc${i + 1}`), x, { out }));
    });
    return linear(at.in(`fc${hidden.length + 1}`), x, { out: classes });
  };
}
