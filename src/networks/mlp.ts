/** A multilayer perceptron on the pixels: linear layers with ReLU between them. */
import { relu } from "../graph/index.ts";
import { linear } from "../nn/index.ts";
import { flatten } from "./flatten.ts";
import type { Network } from "./network.ts";

/** Options of `mlp`. */
export interface MlpOptions {
  /** Widths of the hidden layers; the paper's MLP-3 has two. */
  readonly hidden: readonly number[];
}

/** The network with layers `fc1`, `fc2`, … */
export function mlp({ hidden }: MlpOptions): Network {
  return (at, images, classes) => {
    let x = flatten(images);
    hidden.forEach((out, i) => {
      x = relu(linear(at.in(`fc${i + 1}`), x, { out }));
    });
    return linear(at.in(`fc${hidden.length + 1}`), x, { out: classes });
  };
}
