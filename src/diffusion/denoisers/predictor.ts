/** A trained denoiser as the predictor that samplers call. */
import { input, rewrite } from "../../graph/index.ts";
import { trace } from "../../nn/index.ts";
import { compile, type Device } from "../../runtime/index.ts";
import type { Predictor } from "../samplers.ts";
import { type NetworkState, stateConstants } from "../trained-state.ts";
import type { TokenShape } from "../unit-tokens.ts";
import { type DenoiserOptions, denoiser } from "./denoiser.ts";

export interface PredictorOptions {
  /** T. */
  readonly steps: number;
  /** Samples predicted at once. */
  readonly count: number;
  readonly latent: number;
  /** What latents consist of, for a denoiser of tokens. */
  readonly tokens?: TokenShape | undefined;
  readonly device: Device;
}

/** Compiles a denoiser for `count` samples at once; batch normalisation uses its running statistics. */
export async function predictor(
  options: DenoiserOptions,
  state: NetworkState,
  { steps, count, latent, tokens, device }: PredictorOptions,
): Promise<{ predict: Predictor; release(): Promise<void> }> {
  const net = denoiser(options, steps, tokens);
  const traced = trace((at) => net(at, input("x", [count, latent]), input("t", [count], "int32")), { training: false });
  const program = await compile({ predicted: rewrite([traced.outputs], stateConstants(traced, state))[0]! }, device);
  const times = new Int32Array(count);
  const into = { predicted: new Float32Array(count * latent) };
  return {
    predict: async (x, t) => (await program.run({ x, t: times.fill(t) }, into)).predicted as Float32Array,
    release: () => program.release(),
  };
}
