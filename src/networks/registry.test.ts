import { describe, expect, it } from "vitest";

import { input, type Shape } from "../graph/index.ts";
import { countOf, trace } from "../nn/index.ts";
import type { Network } from "./network.ts";
import { network } from "./registry.ts";

describe("the paper's parameter counts", () => {
  const declaredBy = (build: Network, image: Shape, classes: number) =>
    trace((at) => build(at, input("images", [1, ...image]), classes), { training: false }).parameters;
  const imagenet = [[3, 224, 224], 1000] as const;
  const small = [[3, 64, 64], 10] as const;

  it.each([
    [{ name: "resnet18", stem: "imagenet" }, imagenet, 11_689_512],
    [{ name: "resnet50", stem: "imagenet" }, imagenet, 25_557_032],
    [{ name: "vit_tiny_patch16_224", patch: 16 }, imagenet, 5_717_416],
    [{ name: "vit_base_patch16_224", patch: 16 }, imagenet, 86_567_656],
    [{ name: "convnext_tiny" }, imagenet, 28_589_128],
    [{ name: "convnext_base" }, imagenet, 88_591_464],
    [{ name: "convnet", width: 128, depth: 3 }, [[3, 32, 32], 10], 320_010],
    [{ name: "convnet-mini" }, small, 24_262],
    [{ name: "mlp-mini" }, small, 66_970],
    [{ name: "resnet-mini" }, small, 25_138],
    [{ name: "vit-mini" }, small, 80_714],
    [{ name: "convnext-mini" }, small, 74_970],
  ] as const)("match %o", (options, [image, classes], count) => {
    expect(countOf(declaredBy(network(options), image, classes))).toBe(count);
  });

  it.each([
    [{ name: "vit_tiny_patch16_224", patch: 16 }, ["blocks.11.norm2", "norm"], 768],
    [{ name: "vit_base_patch16_224", patch: 16 }, ["blocks.11.norm2", "norm"], 3072],
    [{ name: "convnext_tiny" }, ["stages.3.blocks.2.norm", "head.norm"], 3072],
    [{ name: "convnext_base" }, ["stages.3.blocks.2.norm", "head.norm"], 4096],
  ] as const)("match the last two normalisations of %o", (options, layers, count) => {
    const norms = declaredBy(network(options), ...imagenet).filter((p) => p.kind === "norm");
    const last = norms.slice(-4);
    expect(last.map((p) => p.name)).toEqual(layers.flatMap((layer) => [`${layer}.weight`, `${layer}.bias`]));
    expect(countOf(last)).toBe(count);
  });
});
