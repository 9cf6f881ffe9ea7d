import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import fixture from "../../test/fixtures/names.json" with { type: "json" };
import { input } from "../graph/index.ts";
import { trace } from "../nn/index.ts";
import { type NetworkOptions, network } from "./registry.ts";
import { type TorchvisionTensor, torchvisionTensor } from "./torchvision.ts";

const vit = { patch: 16 } as const;
const networks = {
  resnet18: { name: "resnet18", stem: "imagenet" },
  resnet50: { name: "resnet50", stem: "imagenet" },
  vit_base_patch16_224: { name: "vit_base_patch16_224", ...vit },
  convnext_tiny: { name: "convnext_tiny" },
  convnext_base: { name: "convnext_base" },
} as const satisfies Record<keyof typeof fixture, NetworkOptions>;
const all: readonly NetworkOptions[] = [
  ...Object.values(networks),
  { name: "vit_tiny_patch16_224", ...vit },
  { name: "mlp", hidden: [8] },
  { name: "resnet-mini" },
  { name: "vit-mini" },
  { name: "convnext-mini" },
];

/** Every tensor of a network as published, in its order. */
function tensorsOf(options: NetworkOptions): readonly TorchvisionTensor[] {
  const side = options.name.endsWith("-mini") ? 64 : 224;
  const images = input("images", [1, 3, side, side]);
  const { parameters, buffers, stateNames } = trace((at) => network(options)(at, images, 1000), { training: false });
  const shapes = new Map([...parameters, ...buffers].map(({ name, shape }) => [name, shape]));
  return stateNames.map((name) => ({ name, shape: shapes.get(name)! }));
}

const renamed = (options: NetworkOptions) => tensorsOf(options).map((t) => torchvisionTensor(options.name, t));
const line = ({ name, shape }: TorchvisionTensor) => `${name} ${shape.join("x")}`;

describe("torchvision's names", () => {
  it("equal this project's for residual networks", () => {
    expect(renamed(networks.resnet18)).toEqual(tensorsOf(networks.resnet18));
    expect(renamed(networks.resnet50)).toEqual(tensorsOf(networks.resnet50));
  });

  it.each([
    ["cls_token", "class_token"],
    ["pos_embed", "encoder.pos_embedding"],
    ["patch_embed.proj.weight", "conv_proj.weight"],
    ["blocks.0.norm1.weight", "encoder.layers.encoder_layer_0.ln_1.weight"],
    ["blocks.3.norm2.bias", "encoder.layers.encoder_layer_3.ln_2.bias"],
    ["blocks.11.attn.qkv.weight", "encoder.layers.encoder_layer_11.self_attention.in_proj_weight"],
    ["blocks.11.attn.qkv.bias", "encoder.layers.encoder_layer_11.self_attention.in_proj_bias"],
    ["blocks.10.attn.proj.weight", "encoder.layers.encoder_layer_10.self_attention.out_proj.weight"],
    ["blocks.1.mlp.fc1.weight", "encoder.layers.encoder_layer_1.mlp.0.weight"],
    ["blocks.1.mlp.fc2.bias", "encoder.layers.encoder_layer_1.mlp.3.bias"],
    ["norm.weight", "encoder.ln.weight"],
    ["head.bias", "heads.head.bias"],
  ])("map %s of a vision transformer to %s", (ours, theirs) => {
    expect(torchvisionTensor("vit_base_patch16_224", { name: ours, shape: [3] })).toEqual({ name: theirs, shape: [3] });
  });

  it.each([
    ["stem.0.weight", "features.0.0.weight"],
    ["stem.1.bias", "features.0.1.bias"],
    ["stages.0.blocks.0.conv_dw.weight", "features.1.0.block.0.weight"],
    ["stages.1.downsample.0.weight", "features.2.0.weight"],
    ["stages.3.downsample.1.bias", "features.6.1.bias"],
    ["stages.2.blocks.26.norm.weight", "features.5.26.block.2.weight"],
    ["stages.3.blocks.2.mlp.fc1.bias", "features.7.2.block.3.bias"],
    ["stages.3.blocks.2.mlp.fc2.weight", "features.7.2.block.5.weight"],
    ["head.norm.weight", "classifier.0.weight"],
    ["head.fc.bias", "classifier.2.bias"],
  ])("map %s of a ConvNeXt to %s", (ours, theirs) => {
    expect(torchvisionTensor("convnext_tiny", { name: ours, shape: [3] })).toEqual({ name: theirs, shape: [3] });
  });

  it("come with another shape for a ConvNeXt's scales", () => {
    expect(torchvisionTensor("convnext_base", { name: "stages.1.blocks.2.gamma", shape: [256] })).toEqual({
      name: "features.3.2.layer_scale",
      shape: [256, 1, 1],
    });
  });

  it.each(Object.keys(networks) as (keyof typeof networks)[])("cover all tensors of torchvision's %s", (name) => {
    const { count, some, sha256 } = fixture[name].torchvision;
    const lines = renamed(networks[name]).map(line).sort();
    expect(lines).toHaveLength(count);
    expect(lines).toEqual(expect.arrayContaining(some));
    expect(
      createHash("sha256")
        .update(lines.map((l) => `${l}\n`).join(""))
        .digest("hex"),
    ).toBe(sha256);
  });

  it.each(all.map((options) => [options.name, options] as const))(
    "are distinct for all tensors of %s",
    (_, options) => {
      const tensors = renamed(options);
      expect(new Set(tensors.map(({ name }) => name)).size).toBe(tensors.length);
    },
  );

  it("equal this project's for networks that torchvision lacks", () => {
    for (const name of ["vit-mini", "convnext-mini", "resnet-mini"] as const)
      expect(renamed({ name })).toEqual(tensorsOf({ name }));
  });
});
