import { describe, expect, it } from "vitest";

import { tinyLinear, tinyRecipe } from "../../test/support/tiny-run.ts";
import { checkRecipe } from "./check.ts";

const autoencoder = (parts: object) => ({ autoencoder: { ...tinyRecipe().autoencoder, ...parts } });
const v1 = (parts: object) => ({
  preset: "v1",
  autoencoder: parts,
  diffusion: {},
  zoo: { count: 5, select: "fc2.bias" },
});

describe("a recipe whose parts fit", () => {
  it("has the shapes that follow from it", () => {
    const { network, chosen, latent } = checkRecipe(tinyRecipe({ zoo: { count: 5, select: "fc2.*" } }));
    expect(network.layout.size).toBe(784 * 16 + 16 + 160 + 10);
    expect(chosen.entries.map((e) => e.name)).toEqual(["fc2.weight", "fc2.bias"]);
    expect(chosen.size).toBe(170);
    expect(latent).toBe(8);
  });

  it("has no more linear latents than checkpoints less one", () => {
    expect(checkRecipe(tinyRecipe({ ...tinyLinear, zoo: { count: 4 } })).latent).toBe(3);
  });
});

describe("a recipe whose parts do not fit is refused", () => {
  it.each<[string, object, string, string]>([
    [
      "a selection that matches nothing",
      { zoo: { count: 5, select: "fc3.*" } },
      "E_CONFIG",
      "zoo.select: selection fc3.* matches no tensor.* Tensors: fc1.weight, fc1.bias, fc2.weight, fc2.bias",
    ],
    [
      "a selection of more layers than there are",
      { zoo: { count: 5, select: "last-layers:3" } },
      "E_CONFIG",
      "zoo.select: .*more layers than the 2 there are",
    ],
    [
      "normalisation layers where there are none",
      { zoo: { count: 5, select: "last-norms:1" } },
      "E_CONFIG",
      "zoo.select: .*more normalisation layers than the 0 there are",
    ],
    ["an empty selection", { zoo: { count: 5, select: "" } }, "E_CONFIG", "zoo.select: a selection has an empty term"],
    [
      "a latent wider than the vector",
      autoencoder({ latent: 20_000 }),
      "E_CONFIG",
      "autoencoder: a latent of 20000 numbers is wider than the 12730 generated parameters; lower autoencoder.latent",
    ],
    [
      "a linear latent wider than the vector",
      { preset: "linear", autoencoder: { type: "linear", latent: 11 }, zoo: { count: 5, select: "fc2.bias" } },
      "E_CONFIG",
      "wider than the 10 generated parameters",
    ],
    [
      "an autoencoder that shortens to less than nothing",
      autoencoder({ channels: Array(20).fill(1), stride: 1000 }),
      "E_CONFIG",
      "autoencoder: 20 stages of stride 1000",
    ],
    [
      "an autoencoder that halves without end",
      { preset: "v3", autoencoder: { channels: Array(40).fill(1) }, diffusion: {} },
      "E_CONFIG",
      "autoencoder: 40 stages of stride 2 need 1099511627776 numbers",
    ],
    [
      "the first paper's autoencoder on a few numbers",
      v1({}),
      "E_CONFIG",
      "autoencoder: 10 generated parameters are too few for 4 stages of fold 5",
    ],
    [
      "an autoencoder that fits in no memory",
      autoencoder({ channels: [1_000_000, 1_000_000] }),
      "E_CONFIG",
      "autoencoder: it would have \\d+ parameters \\(at most 1073741824 numbers fit\\)",
    ],
    [
      "a denoiser that fits in no memory",
      { diffusion: { denoiser: { width: 1_000_000, blocks: 100 } } },
      "E_CONFIG",
      "diffusion: it would have \\d+ parameters .*smaller denoiser",
    ],
    [
      "a network that fits in no memory",
      { network: { name: "mlp", hidden: [1_000_000, 1_000_000] } },
      "E_CONFIG",
      "network: it would have \\d+ parameters",
    ],
    [
      "a zoo that fits in no memory",
      { zoo: { count: 100_000 } },
      "E_CONFIG",
      "100000 checkpoints of 12730 generated parameters are too many .*lower zoo.count",
    ],
    [
      "samples that fit in no memory",
      { sample: { count: 100_000 } },
      "E_CONFIG",
      "100000 checkpoints of 12730 generated parameters are too many .*lower sample.count",
    ],
    [
      "a network too deep for the images",
      { network: { name: "cnn", channels: [2, 2, 2, 2, 2] } },
      "E_CONFIG",
      "network: .*28 × 28 pixels: use smaller or fewer layers, or larger images \\(data.pad\\)",
    ],
    [
      "a kernel larger than the images",
      { network: { name: "cnn", kernel: 40 } },
      "E_CONFIG",
      "network: .*28 × 28 pixels",
    ],
    [
      "a selection split that leaves nothing to train on",
      { data: { name: "glyphs", selection: 400, train: 400 } },
      "E_DATA",
      "data: selection takes 400 of the 400 training images and leaves none",
    ],
    [
      "padding without end",
      { data: { name: "glyphs", selection: 4, pad: 1000 } },
      "E_DATA",
      "data: pad is 1000, expected a whole number from 0 to 32",
    ],
    [
      "more drawings than anybody needs",
      { data: { name: "glyphs", selection: 4, train: 1e9 } },
      "E_DATA",
      "data: train is 1000000000, expected",
    ],
  ])("%s", (_, parts, code, message) => {
    expect(() => checkRecipe(tinyRecipe({ ...parts }))).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(new RegExp(message)) }),
    );
  });
});
