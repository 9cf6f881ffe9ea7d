import { describe, expect, it } from "vitest";

import { tinyRecipe } from "../../test/support/tiny-run.ts";
import { catalogue } from "../networks/index.ts";
import { resolveRecipe } from "../recipe/index.ts";
import { type DescribeOptions, describeNetwork, describeNetworks } from "./describe-network.ts";

const parametersOf = (name: string, options?: DescribeOptions) => describeNetwork(name, options).parameters;

/** The mistake that a description is refused for. */
function mistake(name: string, options?: DescribeOptions): { code: string; message: string } {
  try {
    describeNetwork(name, options);
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    expect(message).not.toContain("\n");
    return { code, message };
  }
  return expect.unreachable("it was described");
}

describe("a network", () => {
  it.each([
    ["resnet18", 11_689_512, 2_048],
    ["resnet50", 25_557_032, 5_120],
    ["vit_tiny", 5_717_416, 768],
    ["vit_base", 86_567_656, 3_072],
    ["convnext_tiny", 28_589_128, 3_072],
    ["convnext_base", 88_591_464, 4_096],
  ])(
    "has its published size at 1000 classes: %s has %d parameters, %d in its last two normalisations",
    (name, parameters, lastNorms) => {
      const facts = describeNetwork(name);
      expect(facts).toMatchObject({ classes: 1000, input: { channels: 3, height: 224, width: 224 }, parameters });
      expect(facts.subsets["last-norms:2"]).toMatchObject({ count: lastNorms });
    },
  );

  it.each([
    ["convnet-mini", 24_262],
    ["mlp-mini", 66_970],
    ["resnet-mini", 25_138],
    ["vit-mini", 80_714],
    ["convnext-mini", 74_970],
    ["cnn-medium", 10_853],
  ])("has the paper's size at 10 classes: %s has %d parameters", (name, parameters) => {
    expect(describeNetwork(name)).toMatchObject({ classes: 10, parameters });
  });

  it("is known by its other names, in any case", () => {
    for (const name of ["vit_b_16", "VIT_BASE", "ViT_Base_Patch16_224"])
      expect(describeNetwork(name)).toEqual(describeNetwork("vit_base_patch16_224"));
    expect(describeNetwork("CNN")).toEqual(describeNetwork("cnn-medium"));
  });

  it("is described for other classes, images and settings", () => {
    expect(parametersOf("resnet18", { classes: 100 })).toBe(11_689_512 - 900 * 513);
    expect(parametersOf("resnet18", { settings: ["stem=cifar"] })).toBe(11_689_512 - 64 * 3 * (49 - 9));
    expect(parametersOf("vit_tiny", { size: 384 })).toBe(5_717_416 + 192 * (24 ** 2 - 14 ** 2));
    expect(describeNetwork("vit_tiny", { size: 32, settings: ["patch=8"] }).input).toEqual({
      channels: 3,
      height: 32,
      width: 32,
    });
  });

  it("tells what selections choose of it, those asked for too", () => {
    const { subsets, parameters } = describeNetwork("resnet18", { select: ["layer4.1.*,!*.conv?.*", "fc.bias"] });
    expect(subsets["last-norms:2"]).toEqual({
      tensors: ["layer4.1.bn1.weight", "layer4.1.bn1.bias", "layer4.1.bn2.weight", "layer4.1.bn2.bias"],
      count: 2_048,
    });
    expect(subsets["layer4.1.*,!*.conv?.*"]).toEqual(subsets["last-norms:2"]);
    expect(subsets["fc.bias"]).toEqual({ tensors: ["fc.bias"], count: 1_000 });
    // "all" includes running statistics: two for each of the 4 800 channels of 20 normalisations.
    expect(subsets.all).toMatchObject({ count: parameters + 2 * 4_800 });
  });

  it("that has no normalisation says nothing of such", () => {
    expect(Object.keys(describeNetwork("mlp").subsets)).toEqual(["all"]);
  });
});

describe("the paper's ablations of resnet18 at 100 classes", () => {
  it.each([
    ["conv1.weight", 9_408, ["conv1.weight"]],
    ["fc.*", 51_300, ["fc.weight", "fc.bias"]],
    ["layer3.?.bn?.*", 2_048, ["0.bn1", "0.bn2", "1.bn1", "1.bn2"].flatMap((l) => affine(`layer3.${l}`))],
    ["layer4.0.bn?.*", 2_048, ["0.bn1", "0.bn2"].flatMap((l) => affine(`layer4.${l}`))],
    ["last-norms:2", 2_048, ["1.bn1", "1.bn2"].flatMap((l) => affine(`layer4.${l}`))],
  ])("%s holds %d numbers", (selection, count, tensors) => {
    expect(describeNetwork("resnet18", { classes: 100 }).subsets[selection]).toEqual({ count, tensors });
  });
});

function affine(layer: string): string[] {
  return [`${layer}.weight`, `${layer}.bias`];
}

describe("all networks", () => {
  it("are described in the catalogue's order, each as on its own", () => {
    const all = describeNetworks();
    expect(all.map(({ name }) => name)).toEqual(catalogue.map(({ name }) => name));
    for (const facts of all) expect(describeNetwork(facts.name)).toEqual(facts);
  });

  it("are described for one number of classes where it is given", () => {
    for (const { name, classes, parameters } of describeNetworks({ classes: 7 })) {
      expect(classes).toBe(7);
      expect(parameters, name).toBe(parametersOf(name, { classes: 7 }));
    }
  });
});

describe("what cannot be described is refused:", () => {
  it("an unknown name, with the nearest and all others", () => {
    const { code, message } = mistake("resent18");
    expect(code).toBe("E_CONFIG");
    expect(message).toMatch(
      /^there is no network "resent18"\. Did you mean resnet18\? Known: resnet18, .*, vit_b_16, /,
    );
    expect(mistake("").message).toMatch(/^there is no network ""\. Known: /);
  });

  it("images that patches do not cover", () => {
    for (const name of ["vit_tiny", "vit-mini"])
      expect(mistake(name, { size: 100 })).toEqual({
        code: "E_SHAPE",
        message: expect.stringMatching(/images of 100 x 100 pixels do not divide into patches of/),
      });
  });

  it("images that are too small, and none at all", () => {
    expect(mistake("convnext_tiny", { size: 3 }).code).toBe("E_SHAPE");
    expect(mistake("resnet18", { size: 0 }).code).toBe("E_SHAPE");
  });

  it("no classes", () => {
    expect(mistake("resnet18", { classes: 0 })).toMatchObject({
      code: "E_SHAPE",
      message: expect.stringContaining("fc.weight"),
    });
  });

  it("unknown settings and values, with what is known", () => {
    expect(mistake("resnet18", { settings: ["stem=cifra"] })).toEqual({
      code: "E_CONFIG",
      message: 'resnet18: network.stem: unknown value "cifra". Did you mean cifar? Known: imagenet, cifar',
    });
    expect(mistake("vit_b_16", { settings: ["pach=8"] }).message).toMatch(
      /^vit_base_patch16_224: unknown key network\.pach for name vit_base_patch16_224\. Did you mean patch\?/,
    );
    expect(mistake("resnet18", { settings: ["stem"] })).toMatchObject({ code: "E_USAGE" });
  });

  it("settings that would make it another network", () => {
    for (const settings of [["name=resnet50"], ["stem=cifar", "name=mlp"]])
      expect(mistake("resnet18", { settings })).toMatchObject({
        code: "E_USAGE",
        message: expect.stringMatching(/^resnet18: .* another network/),
      });
  });

  it("selections that name nothing", () => {
    expect(mistake("resnet18", { select: ["layer5.*"] })).toMatchObject({
      code: "E_CONFIG",
      message: expect.stringMatching(/^selection layer5\.\* matches no tensor/),
    });
  });
});

describe("a recipe's network", () => {
  const network = (parts: object) => tinyRecipe({ network: parts }).network;

  it("may go by any of its names", () => {
    const vit = { name: "vit_base_patch16_224", patch: 16, dropout: 0, attentionDropout: 0, dropPath: 0 };
    for (const name of ["vit_b_16", "Vit_B_16", "vit_base", "vit_base_patch16_224"])
      expect(network({ name })).toEqual(vit);
    expect(network({ name: "vit_tiny", patch: 7, dropPath: 0.1 })).toEqual({
      ...vit,
      name: "vit_tiny_patch16_224",
      patch: 7,
      dropPath: 0.1,
    });
    expect(network({ name: "cnn-medium" })).toEqual(network({ name: "cnn" }));
  });

  it("may be every network of the catalogue", () => {
    for (const { name, base } of catalogue) expect(network({ name })).toMatchObject({ name: base });
  });

  it("of an unknown name is refused with those that are known", () => {
    expect(() => resolveRecipe({ ...tinyRecipe(), network: { name: "resnet81" } }, "r")).toThrow(
      /network\.name: unknown value "resnet81"\. Did you mean resnet18\?/,
    );
  });
});
