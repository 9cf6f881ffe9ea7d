import { describe, expect, it } from "vitest";
import { input, mul, type Tensor } from "../../graph/index.ts";
import { trace } from "../../nn/index.ts";
import { key, normal } from "../../random/index.ts";
import { compile } from "../../runtime/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { flowPath } from "../process.ts";
import { sampleLatents } from "../samplers/sample-latents.ts";
import { sampler } from "../samplers/samplers.ts";
import { preconditioned } from "./preconditioned.ts";

const path = flowPath({ steps: 101, uniform: 0.5, location: 0, preconditioned: true });

/** The preconditioned network's answers to x `[count, latent]` at time t. */
async function answers(network: (x: Tensor) => Tensor, x: Float32Array, t: number): Promise<Float32Array> {
  const denoiser = preconditioned((_, own) => network(own), path);
  const shape = [x.length / 2, 2] as const;
  const { outputs } = trace((at) => denoiser(at, input("x", shape), input("t", [shape[0]], "int32")), {
    training: false,
  });
  const program = await compile({ predicted: outputs }, nodeDevice({ name: "cpu", threads: 1 }));
  const { predicted } = await program.run({ x, t: new Int32Array(shape[0]).fill(t) });
  await program.release();
  return predicted as Float32Array;
}

describe("a preconditioned denoiser", () => {
  it("is the best linear one of normal latents when its network answers nothing", async () => {
    const [count, t] = [100_000, 30];
    const [z, noise] = [normal(key(1), count), normal(key(2), count)];
    const x = z.map((value, i) => 0.7 * value + 0.3 * noise[i]!);
    const velocity = z.map((value, i) => noise[i]! - value);
    const predicted = await answers((own) => mul(own, 0), x, t);
    const products = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0) / count;
    const error = velocity.map((value, i) => value - predicted[i]!);
    expect(products(error, x)).toBeCloseTo(0, 2);
    // What is left has the spread that the network's answer is scaled by.
    expect(products(error, error)).toBeCloseTo(1 / (0.7 ** 2 + 0.3 ** 2), 1);
  });

  it("asks its network for numbers of unit variance at every time", async () => {
    for (const t of [0, 30, 50, 90, 100]) {
      const spread = Math.hypot(1 - t / 100, t / 100);
      const skip = (2 * (t / 100) - 1) / spread ** 2;
      const predicted = await answers((own) => own, Float32Array.of(spread, -spread), t);
      expect(predicted[0]).toBeCloseTo(skip * spread + 1 / spread, 5);
      expect(predicted[1]).toBeCloseTo(-skip * spread - 1 / spread, 5);
    }
  });

  it("draws normal latents before its network has learned anything", async () => {
    const heun = sampler({ type: "heun", steps: 50 });
    const options = { process: path, count: 4, latent: 2, key: key(3) };
    const drawn = await sampleLatents(heun, { ...options, predict: (x, t) => answers((own) => mul(own, 0), x, t) });
    const start = await sampleLatents(heun, { ...options, predict: async (x) => x.map(() => 0) });
    for (const [i, value] of drawn.entries()) expect(value).toBeCloseTo(start[i]!, 2);
  });
});
