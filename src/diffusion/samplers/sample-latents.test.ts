import { describe, expect, it } from "vitest";

import fixture from "../../../test/fixtures/samplers.json" with { type: "json" };
import { relativeError } from "../../../test/support/fixtures.ts";
import { foldIn, key, normal } from "../../random/index.ts";
import { noiseSchedule } from "../process.ts";
import { priorLatents, type SampleRun, type SamplerState, sampleLatents } from "./sample-latents.ts";
import { timesOf } from "./sampler.ts";
import { type SamplerOptions, sampler as samplerOf } from "./samplers.ts";

const COUNT = 3;
const LATENT = 5;
const schedule = noiseSchedule({ steps: 40, betaStart: 1e-3, betaEnd: 0.2 });

/** The samplers of test/oracle/samplers.py. */
const cases: Readonly<Record<Exclude<keyof typeof fixture, "schedule">, SamplerOptions>> = {
  "ddpm, posterior variance": { type: "ddpm", variance: "posterior", clip: null },
  "ddpm, large variance, clipped": { type: "ddpm", variance: "large", clip: 1 },
  "ddim of 9 steps": { type: "ddim", steps: 9, eta: 0, clip: null },
  "ddim of all steps": { type: "ddim", steps: 40, eta: 0, clip: null },
  "ddim of 12 steps, eta 1, clipped": { type: "ddim", steps: 12, eta: 1, clip: 1.5 },
  "ddim of 13 steps, eta 0.5": { type: "ddim", steps: 13, eta: 0.5, clip: null },
};

const run = (options: SamplerOptions, more: Partial<SampleRun> = {}): Promise<Float32Array> =>
  sampleLatents(samplerOf(options), {
    predict: async (x, t) => x.map((value) => Math.tanh(0.7 * value + 0.02 * t)),
    process: schedule,
    count: COUNT,
    latent: LATENT,
    key: key(11),
    ...more,
  });

describe("a sampler", () => {
  it.each(Object.entries(cases))("%s, draws what the formulae in float64 give", async (name, options) => {
    const { x } = fixture[name as keyof typeof cases];
    expect(relativeError(await run(options), x)).toBeLessThan(1e-5);
  });

  it.each(Object.entries(cases))("%s, goes on from any state", async (_, options) => {
    const states: SamplerState[] = [];
    const whole = await run(options, { onStep: ({ index, x }) => void states.push({ index, x: x.slice() }) });
    expect(states).toHaveLength(timesOf(samplerOf(options), schedule).length);
    for (const from of [states[0]!, states[5]!, states.at(-1)!]) expect(await run(options, { from })).toEqual(whole);
  });

  it.each(Object.entries(cases))("%s, draws each sample alone as among others", async (_, options) => {
    const together = await run(options);
    const alone = await run(options, { count: 1 });
    expect(alone).toEqual(together.subarray(0, LATENT));
    expect(await run(options, { count: 2, first: 1 })).toEqual(together.subarray(LATENT));
  });

  it("recovers x_0 where the noise is predicted exactly", async () => {
    // Every x_t is known to come from one x_0: the noise is what is left of it.
    const x0 = normal(key(4), COUNT * LATENT);
    const predict: SampleRun["predict"] = async (x, t) => {
      const bar = schedule.alphaBar[t]!;
      return x.map((value, i) => (value - Math.sqrt(bar) * x0[i]!) / Math.sqrt(1 - bar));
    };
    for (const options of Object.values(cases)) {
      const { objective, ...own } = samplerOf(options);
      if (objective === "flow" || !("clip" in own) || own.clip !== null) continue;
      const drawn = await run(options, { predict });
      for (const [i, value] of drawn.entries()) expect(value).toBeCloseTo(x0[i]!, 4);
    }
  });

  it("begins with each sample's own noise", async () => {
    let first: Float32Array | undefined;
    const predict: SampleRun["predict"] = async (x) => {
      first ??= x.slice();
      return x;
    };
    await run(cases["ddim of 9 steps"], { predict });
    for (let i = 0; i < COUNT; i++)
      expect(first!.subarray(i * LATENT, (i + 1) * LATENT)).toEqual(normal(foldIn(key(11), i, "start"), LATENT));
  });
});

it("latents of a prior are each sample's own noise", () => {
  const drawn = priorLatents({ count: COUNT, latent: LATENT, key: key(11) });
  for (let i = 0; i < COUNT; i++)
    expect(drawn.subarray(i * LATENT, (i + 1) * LATENT)).toEqual(normal(foldIn(key(11), i, "start"), LATENT));
  expect(priorLatents({ count: 1, latent: LATENT, key: key(11), first: 2 })).toEqual(drawn.subarray(2 * LATENT));
});
