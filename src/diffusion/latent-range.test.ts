import { describe, expect, it } from "vitest";
import { latentRange } from "./latent-range.ts";
import { denormalise, normalise, standardisation, unnormalised } from "./normalisations/normalisation.ts";

/** Four latents of three numbers; the last never varies. */
const latents = Float32Array.of(1, -100, 7, 2, 100, 7, 3, -100, 7, 4, 100, 7);

describe("latents", () => {
  it("are standardised number by number; what never varies is only shifted", () => {
    const scale = standardisation(latents, 3);
    expect([...scale.mean]).toEqual([2.5, 0, 7]);
    expect([...scale.scale]).toEqual([Math.fround(Math.sqrt(1.25)), 100, 1]);
    const standard = normalise(scale, latents);
    expect([...standard.subarray(3, 6)]).toEqual([Math.fround(-0.5 / Math.sqrt(1.25)), 1, 0]);
  });

  it("come back from it", () => {
    const scale = standardisation(latents, 3);
    const back = denormalise(scale, normalise(scale, latents));
    for (const [i, z] of back.entries()) expect(z).toBeCloseTo(latents[i]!, 4);
  });

  it("keep their values on the unit scale", () => {
    expect(normalise(unnormalised(3), latents)).toEqual(latents);
  });

  it("have a range and a spread over all numbers", () => {
    const { min, max, sd } = latentRange(Float32Array.of(-1, 1, 3, 5));
    expect({ min, max }).toEqual({ min: -1, max: 5 });
    expect(sd).toBeCloseTo(Math.sqrt(5), 6);
  });
});
