/** A trained denoiser as the noise predictor that samplers call. */
import { input, rewrite } from "../graph/index.ts";
import { trace } from "../nn/index.ts";
import { compile, type Device } from "../runtime/index.ts";
import { type DenoiserOptions, denoiser } from "./denoisers.ts";
import { type NetworkState, stateConstants } from "./network-state.ts";
import type { NoisePredictor } from "./samplers.ts";

/** Compiles a denoiser for `count` samples at once; batch normalisation uses its running statistics. */
export async function noisePredictor(
  options: DenoiserOptions,
  state: NetworkState,
  { steps, count, latent, device }: { steps: number; count: number; latent: number; device: Device },
): Promise<{ predict: NoisePredictor; release(): Promise<void> }> {
  const net = denoiser(options, steps);
  const traced = trace((at) => net(at, input("x", [count, latent]), input("t", [count], "int32")), { training: false });
  const program = await compile({ eps: rewrite([traced.outputs], stateConstants(traced, state))[0]! }, device);
  const times = new Int32Array(count);
  const into = { eps: new Float32Array(count * latent) };
  return {
    predict: async (x, t) => (await program.run({ x, t: times.fill(t) }, into)).eps as Float32Array,
    release: () => program.release(),
  };
}
