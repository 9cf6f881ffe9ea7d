/** A trained denoiser as the predictor that samplers call. */

import { input, rewrite } from "../../graph/index.ts";
import { at } from "../../lookup.ts";
import { trace } from "../../nn/index.ts";
import { compile, type Device } from "../../runtime/index.ts";
import type { Predictor } from "../samplers/sample-latents.ts";
import { type NetworkState, stateConstants } from "../trained-state.ts";
import type { Denoiser } from "./denoiser.ts";

/** How a predictor is used. */
export interface PredictorOptions {
  /** Samples predicted at once. */
  readonly count: number;
  /** Numbers of a latent. */
  readonly latent: number;
  readonly device: Device;
}

/** A compiled denoiser. */
export interface CompiledPredictor {
  readonly predict: Predictor;
  /** Frees its compiled graph. */
  release(): Promise<void>;
}

/**
 * Compiles a denoiser for `count` samples at once; batch normalisation uses its running statistics.
 */
export async function predictor(
  denoiser: Denoiser,
  state: NetworkState,
  { count, latent, device }: PredictorOptions,
): Promise<CompiledPredictor> {
  const traced = trace((at) => denoiser(at, input("x", [count, latent]), input("t", [count], "int32")), {
    training: false,
  });
  const predicted = at(rewrite([traced.outputs], stateConstants(traced, state)), 0);
  const program = await compile({ predicted }, device);
  const times = new Int32Array(count);
  const into = { predicted: new Float32Array(count * latent) };
  return {
    predict: async (x, t) => (await program.run({ x, t: times.fill(t) }, into)).predicted as Float32Array,
    release: () => program.release(),
  };
}
