import { expect, it } from "vitest";

import { add, cast, mul, reshape } from "../../graph/index.ts";
import { linear } from "../../nn/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import type { Denoiser } from "./denoiser.ts";
import { predictor } from "./predictor.ts";

/** The latent through a linear layer, plus the time. */
const layer: Denoiser = (at, x, t) =>
  add(linear(at, x, { out: 2, bias: false }), mul(reshape(cast(t, "float32"), [2, 1]), 100));

it("asks a trained denoiser for all samples at one time", async () => {
  const state = { theta: Float32Array.of(1, 2, 3, 4), buffers: new Float32Array() };
  const device = nodeDevice({ name: "cpu", threads: 1 });
  const { predict, release } = await predictor(layer, state, { count: 2, latent: 2, device });
  expect([...(await predict(Float32Array.of(1, 0, 0, 1), 3))]).toEqual([301, 303, 302, 304]);
  expect([...(await predict(Float32Array.of(1, 1, 0, 0), 1))]).toEqual([103, 107, 100, 100]);
  await release();
});
