import { expect, it } from "vitest";

import { input } from "../graph/index.ts";
import { linear, trace } from "../nn/index.ts";
import { MAX_NUMBERS, requireFits, requireNarrow, requireParametersFit, requireStages } from "./limits.ts";

const refused = (message: string) => expect.objectContaining({ code: "E_CONFIG", message });

it("refuses an array of more than 2^30 numbers, with advice", () => {
  requireFits(MAX_NUMBERS, "it would be large", "use less");
  expect(() => requireFits(MAX_NUMBERS + 1, "it would be large", "use less")).toThrow(
    refused("it would be large (at most 1073741824 numbers fit); use less"),
  );
});

it("counts the parameters of a network", () => {
  const parametersOf = (out: number) =>
    trace((at) => linear(at, input("x", [1, 2 ** 16]), { out }), { training: false }).parameters;
  requireParametersFit(parametersOf(2 ** 13), "use less");
  expect(() => requireParametersFit(parametersOf(2 ** 14), "use less")).toThrow(
    refused("it would have 1073758208 parameters (at most 1073741824 numbers fit); use less"),
  );
});

it("refuses a latent that is wider than what it stands for", () => {
  requireNarrow(8, 8);
  expect(() => requireNarrow(9, 8)).toThrow(
    refused("a latent of 9 numbers is wider than the 8 generated parameters; lower autoencoder.latent"),
  );
});

it("refuses stages that shorten no sequence that fits", () => {
  requireStages(10, 8);
  expect(() => requireStages(11, 8)).toThrow("11 stages of stride 8 need 8589934592 numbers");
});
