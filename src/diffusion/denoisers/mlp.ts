/** Our denoiser: residual blocks of linear layers. */

import { add, gather, silu } from "../../graph/index.ts";
import { at } from "../../lookup.ts";
import { depth, layerNorm, linear, timeFeatures, width } from "../../nn/index.ts";
import { type Denoiser, type DenoiserPart, type DenoiserShape, TIME_FEATURES } from "./denoiser.ts";

/** Options of the residual denoiser. */
export interface MlpDenoiserOptions {
  readonly type: "mlp";
  readonly width: number;
  readonly blocks: number;
}

/**
 * x ← x + W₂ SiLU(W₁ norm(x) + time), `blocks` times, between a linear layer in and one out. On
 * vectors without spatial order it learns many times faster than a 1-D convolution.
 */
function build({ width, blocks }: MlpDenoiserOptions, { steps }: DenoiserShape): Denoiser {
  return (scope, latent, t) => {
    const features = gather(timeFeatures(steps, TIME_FEATURES), t);
    const time = silu(linear(scope.in("time.0"), features, { out: width }));
    let x = linear(scope.in("input"), latent, { out: width });
    for (let i = 0; i < blocks; i++) {
      const block = scope.in(`blocks.${i}`);
      const inner = linear(block.in("linear1"), layerNorm(block.in("norm"), x), { out: width });
      const timed = add(inner, linear(block.in("time"), time, { out: width }));
      x = add(x, linear(block.in("linear2"), silu(timed), { out: width }));
    }
    return linear(scope.in("output"), layerNorm(scope.in("norm"), x), { out: at(latent.shape, 1) });
  };
}

/** Ours, for latents without order. */
export const mlpDenoiser: DenoiserPart<MlpDenoiserOptions> = {
  type: "mlp",
  description: "residual blocks of linear layers",
  latents: "vector",
  options: {
    width: width.default(256).describe("Hidden units of each layer."),
    blocks: depth.default(3).describe("Number of residual blocks."),
  },
  build,
  smaller: (options) => ({ ...options, width: Math.min(options.width, 128) }),
};
