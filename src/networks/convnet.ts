/**
 * The ConvNet of the data-set distillation literature (Zhao, Mopuri and Bilen, 2021): stages of
 * 3 × 3 convolution, instance normalisation, ReLU and 2 × 2 average pooling, then one linear layer.
 * With width 128 and depth 3 it is the paper's ConvNet-3.
 */
import { avgPool, relu } from "../graph/index.ts";
import { conv, groupNorm, linear } from "../nn/index.ts";
import { channelsOf, flatten } from "./flatten.ts";
import type { Network } from "./network.ts";

/** Options of `convnet`. */
export interface ConvNetOptions {
  /** Channels of every stage. */
  readonly width: number;
  /** Number of stages. */
  readonly depth: number;
}

/** The original numbers convolution, normalisation, activation and pooling through all stages. */
const LAYERS_PER_STAGE = 4;

/** The network with layers `features.0`, `features.1`, `features.4`, …, `classifier`. */
export function convnet({ width, depth }: ConvNetOptions): Network {
  return (at, images, classes) => {
    const features = at.in("features");
    const grey = channelsOf(images) === 1;
    let x = images;
    for (let stage = 0; stage < depth; stage++) {
      const layer = stage * LAYERS_PER_STAGE;
      // The original pads grey images by 3 in its first layer: MNIST's 28 pixels become 32.
      x = conv(features.in(layer), x, { out: width, kernel: 3, padding: grey && stage === 0 ? 3 : 1 });
      x = relu(groupNorm(features.in(layer + 1), x, { groups: width }));
      x = features.in(layer + 3).layer(() => avgPool(x, { kernel: 2 }));
    }
    return linear(at.in("classifier"), flatten(x), { out: classes });
  };
}
