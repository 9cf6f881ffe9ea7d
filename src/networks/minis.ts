/**
 * The paper's "mini" networks, whose whole state it generates: a ConvNet, an MLP and a ResNet of
 * 24 262, 66 970 and 25 138 parameters for 64 × 64 colour images and ten classes, with the layers
 * and names of the published code. The other two are a small `simpleVit` and a small `convnext`.
 */
import { add, avgPool, leakyRelu, maxPool, reduceMean, type Tensor } from "../graph/index.ts";
import { conv, layerNorm, linear, type Scope } from "../nn/index.ts";
import { flatten } from "./flatten.ts";
import type { Network } from "./network.ts";

/** Layer normalisation of a map `[batch, channels, height, width]` over all but the batch. */
const mapNorm = (at: Scope, x: Tensor): Tensor => layerNorm(at, x, { axes: 3 });

const halved = (at: Scope, x: Tensor): Tensor => at.layer(() => maxPool(x, { kernel: 2 }));

/**
 * Two linear layers with 16 hidden units. Layers 0 and 2, flatten and LeakyReLU, have no
 * parameters.
 */
function head(at: Scope, x: Tensor, classes: number): Tensor {
  const hidden = leakyRelu(linear(at.in(1), flatten(x), { out: 16 }));
  return linear(at.in(3), hidden, { out: classes });
}

/**
 * Three convolutions, each with normalisation, LeakyReLU and max-pooling, then two linear layers.
 */
export const convnetMini: Network = (at, images, classes) => {
  const layer = (name: string, x: Tensor, convolution: Parameters<typeof conv>[2]) => {
    const y = mapNorm(at.in(name).in(1), conv(at.in(name).in(0), x, convolution));
    return halved(at.in(name).in(3), leakyRelu(y));
  };
  let x = layer("layer1", images, { out: 8, kernel: 7, stride: 2, padding: 3 });
  x = layer("layer2", x, { out: 8, kernel: 3, padding: 1 });
  x = layer("layer3", x, { out: 4, kernel: 3, padding: 1 });
  return head(at.in("head"), x, classes);
};

/** Three linear layers with normalisation and LeakyReLU, on grey images of half the size. */
export const mlpMini: Network = (at, images, classes) => {
  const grey = reduceMean(images, { axes: [1], keepDims: true });
  const layer = (name: string, x: Tensor, out: number) =>
    leakyRelu(layerNorm(at.in(name).in(1), linear(at.in(name).in(0), x, { out })));
  const x = layer("layer1", flatten(avgPool(grey, { kernel: 2 })), 64);
  return linear(at.in("head").in(0), layer("layer2", x, 16), { out: classes });
};

/**
 * A convolution and two residual bottlenecks from 8 channels to 4 and back, each with normalisation
 * and max-pooling, then two linear layers.
 */
export const resnetMini: Network = (at, images, classes) => {
  const wide = { out: 8, kernel: 3, padding: 1 };
  const layer = (name: string, x: Tensor) => {
    const block = at.in(name).in(0);
    const narrow = leakyRelu(conv(block.in("linear1"), x, { ...wide, out: 4 }));
    const y = add(leakyRelu(conv(block.in("linear2"), narrow, wide)), x);
    return halved(at.in(name).in(2), mapNorm(at.in(name).in(1), y));
  };
  const stem = at.in("input");
  const first = leakyRelu(conv(stem.in(0), images, { ...wide, stride: 2 }));
  const x = halved(stem.in(3), mapNorm(stem.in(2), first));
  return head(at.in("head"), layer("layer2", layer("layer1", x)), classes);
};
