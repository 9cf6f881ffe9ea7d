import { describe, expect, it } from "vitest";

import { withKinds } from "./tensor-kinds.ts";

const kinds = (tensors: Record<string, readonly number[]>) =>
  Object.fromEntries(
    withKinds(Object.entries(tensors).map(([name, shape]) => ({ name, shape }))).map((t) => [t.name, t.kind]),
  );

describe("kinds of tensors by name and shape", () => {
  it("are found for a ResNet", () => {
    expect(
      kinds({
        "conv1.weight": [64, 3, 7, 7],
        "bn1.weight": [64],
        "bn1.bias": [64],
        "bn1.running_mean": [64],
        "bn1.num_batches_tracked": [],
        "layer1.0.downsample.1.weight": [64],
        "layer1.0.downsample.1.bias": [64],
        "layer1.0.downsample.1.running_var": [64],
        "fc.weight": [10, 64],
        "fc.bias": [10],
      }),
    ).toEqual({
      "conv1.weight": "conv",
      "bn1.weight": "norm",
      "bn1.bias": "norm",
      "bn1.running_mean": "running-mean",
      "bn1.num_batches_tracked": "batch-count",
      "layer1.0.downsample.1.weight": "norm",
      "layer1.0.downsample.1.bias": "norm",
      "layer1.0.downsample.1.running_var": "running-variance",
      "fc.weight": "linear",
      "fc.bias": "linear",
    });
  });

  it("are found for a transformer", () => {
    expect(
      kinds({
        cls_token: [1, 1, 192],
        pos_embed: [1, 197, 192],
        "patch_embed.proj.weight": [192, 3, 16, 16],
        "patch_embed.proj.bias": [192],
        "blocks.0.norm1.weight": [192],
        "blocks.0.norm1.bias": [192],
        "encoder.layer_norm.weight": [192],
        "blocks.0.attn.qkv.weight": [576, 192],
        "blocks.0.ls1.gamma": [192],
        "embeddings.weight": [30522, 768],
        "rms.weight": [192],
      }),
    ).toEqual({
      cls_token: "embedding",
      pos_embed: "embedding",
      "patch_embed.proj.weight": "conv",
      "patch_embed.proj.bias": "conv",
      "blocks.0.norm1.weight": "norm",
      "blocks.0.norm1.bias": "norm",
      "encoder.layer_norm.weight": "norm",
      "blocks.0.attn.qkv.weight": "linear",
      "blocks.0.ls1.gamma": "other",
      "embeddings.weight": "embedding",
      "rms.weight": "norm",
    });
  });
});
