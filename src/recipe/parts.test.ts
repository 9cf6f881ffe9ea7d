import { describe, expect, it } from "vitest";

import type { BaselinePart } from "../baselines/index.ts";
import type { NormalisationPart, SamplerPart } from "../diffusion/index.ts";
import { builtInParts, choiceOf, partsWith } from "./parts.ts";

const halved: NormalisationPart = { type: "halved", description: "half of each parameter" };
const sampler = { type: "ddpm", description: "mine", objective: "noise", options: {} } as unknown as SamplerPart;
const medianOf = (type: string): BaselinePart => ({
  type,
  description: "the median of all originals",
  family: "average",
  needs: () => 1,
  draw: () => new Float32Array(),
});

describe("parts of your own", () => {
  it("come after this package's, or take the place of one of the same type", () => {
    const baselines = [medianOf("median"), medianOf("swa")];
    const parts = partsWith({ normalisation: halved, sampler, baselines });
    expect(parts.normalisations).toEqual([...builtInParts.normalisations, halved]);
    expect(parts.samplers).toHaveLength(builtInParts.samplers.length);
    expect(parts.samplers.find(({ type }) => type === "ddpm")).toBe(sampler);
    expect(parts.baselines.slice(-2)).toEqual(baselines);
    expect(parts.baselines).toHaveLength(builtInParts.baselines.length + 1);
    expect(parts.denoisers).toEqual(builtInParts.denoisers);
  });

  it("are chosen by assignments", () => {
    expect(choiceOf({ normalisation: halved, sampler, baselines: [medianOf("median")] })).toEqual([
      'sample.sampler={type: "ddpm"}',
      'normalisation="halved"',
    ]);
  });
});
