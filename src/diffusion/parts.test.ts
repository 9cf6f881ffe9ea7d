import { expect, it } from "vitest";

import { generatorParts } from "./parts.ts";

type Described = readonly { readonly type: string; readonly description: string }[];

it.each<[string, Described]>(Object.entries(generatorParts))(
  "%s describe themselves in one sentence, under names of their own",
  (_, parts) => {
    expect(parts.length).toBeGreaterThan(1);
    expect(new Set(parts.map(({ type }) => type)).size).toBe(parts.length);
    for (const { type, description } of parts) {
      expect(type).toMatch(/^[a-z][a-z\d-]*$/);
      expect(description).toMatch(/^[^.]+$/);
    }
  },
);

it("there is a denoiser for each kind of latent, and a sampler for each objective", () => {
  const { autoencoders, denoisers, samplers } = generatorParts;
  const kinds = new Set(autoencoders.map(({ latents }) => latents));
  expect(new Set(denoisers.map(({ latents }) => latents))).toEqual(kinds);
  expect(new Set(samplers.map(({ objective }) => objective))).toEqual(new Set(["noise", "flow"]));
});
