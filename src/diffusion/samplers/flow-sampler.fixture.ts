/** What the samplers that follow a velocity have in common, for their tests. */
import { at } from "../../lookup.ts";
import { foldIn, key, normal } from "../../random/index.ts";
import { exactVelocity, m, path, s } from "./gaussian-data.fixture.ts";
import { type SampleRun, sampleLatents } from "./sample-latents.ts";
import { type SamplerOptions, sampler } from "./samplers.ts";

/** How many samples are drawn, and the numbers of each. */
const count = 40;
export const latent = 50;

/** Draws samples along the exact velocity. */
export const draw = (options: SamplerOptions, more: Partial<SampleRun> = {}): Promise<Float32Array> =>
  sampleLatents(sampler(options), { predict: exactVelocity, process: path, count, latent, key: key(5), ...more });

/** The map that the exact flow makes: noise keeps its place in its distribution. */
const exact = Float32Array.from({ length: count * latent }, (_, i) => {
  const row = Math.floor(i / latent);
  return m + s * at(normal(foldIn(key(5), row, "start"), latent), i % latent);
});

/** How far samples lie from where the exact flow ends, root mean square. */
export const errorOf = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, value, i) => sum + (value - at(exact, i)) ** 2, 0) / values.length);

/** The times at which the denoiser is asked. */
export async function timesAsked(options: SamplerOptions): Promise<number[]> {
  const asked: number[] = [];
  await draw(options, {
    predict(x, t) {
      asked.push(t);
      return exactVelocity(x, t);
    },
  });
  return asked;
}

/** All samples, and those drawn from the first, the fifth and the last state on the way. */
export async function continued(options: SamplerOptions): Promise<{ whole: Float32Array; again: Float32Array[] }> {
  const states: { index: number; x: Float32Array }[] = [];
  const whole = await draw(options, { onStep: ({ index, x }) => void states.push({ index, x: x.slice() }) });
  const again = [];
  for (const i of [0, 4, states.length - 1]) again.push(await draw(options, { from: at(states, i) }));
  return { whole, again };
}
