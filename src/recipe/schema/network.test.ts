import { expect, it } from "vitest";

import { problemWith, recipeWith } from "../recipe.fixture.ts";

it("a network is known by its name, with defaults of its own", () => {
  expect(recipeWith("network={name: cnn}").network).toEqual({
    name: "cnn",
    channels: [16, 32, 15],
    kernel: 3,
    hidden: [20],
    colour: true,
  });
  expect(recipeWith("network={name: resnet18}").network).toEqual({ name: "resnet18", stem: "imagenet" });
});

it("a network of an unknown name is refused with the nearest", () => {
  expect(problemWith("network.name=cnnn")).toBe(
    'network.name: unknown value "cnnn". Did you mean cnn? Known: mlp, cnn, convnet, resnet18, resnet50, vit_tiny_patch16_224, vit_base_patch16_224, convnext_tiny, convnext_base, convnet-mini, mlp-mini, resnet-mini, vit-mini, convnext-mini, onnx',
  );
});

it("a rate of dropout lies below 1", () => {
  expect(problemWith("network={name: vit_tiny_patch16_224, dropout: 1}")).toBe(
    "network.dropout: expected less than 1, got 1",
  );
});
