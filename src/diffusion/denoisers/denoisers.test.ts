import { expect, it } from "vitest";

import { input } from "../../graph/index.ts";
import { trace } from "../../nn/index.ts";
import { partSchema } from "../part.ts";
import { type DenoiserOptions, denoiser, denoisers } from "./denoisers.ts";

const tokens = { groups: [{ count: 3, width: 4 }], edges: [] };

it.each(denoisers.map((part) => [part.type, part] as const))(
  "%s answers with as many numbers as a latent has",
  (type, part) => {
    const options = part.smaller(partSchema(denoisers).parse({ type })) as DenoiserOptions;
    const build = () =>
      trace((at) => denoiser(options, { steps: 10, tokens })(at, input("x", [2, 12]), input("t", [2], "int32")), {
        training: true,
      });
    expect(build().outputs.shape).toEqual([2, 12]);
  },
);

it("refuses a type that is not among the parts, and a denoiser of units for latents without tokens", () => {
  expect(() => denoiser({ type: "mpl" }, { steps: 10 }, denoisers)).toThrow(/unknown denoiser "mpl".*Did you mean mlp/);
  expect(() => denoiser({ type: "units", width: 4, blocks: 1, heads: 2 }, { steps: 10 })).toThrow(
    "a denoiser of units needs latents of units",
  );
});
