/** The task network of a recipe. */
import { z } from "zod";
import { depth, MAX_SIDE, positive, width, widths } from "../../nn/index.ts";

const side = z.int().min(1).max(MAX_SIDE);

const mlp = z.strictObject({ name: z.literal("mlp"), hidden: widths.default([64, 32]) });
const cnn = z.strictObject({
  name: z.literal("cnn"),
  channels: widths.min(1).default([16, 32, 15]),
  kernel: side.default(3),
  hidden: widths.default([20]),
  colour: z.boolean().default(true),
});

const convnet = z.strictObject({
  name: z.literal("convnet"),
  width: width.default(128),
  depth: depth.default(3),
});
const stem = z.enum(["imagenet", "cifar"]).default("imagenet");
const resnet = <Name extends string>(name: Name) => z.strictObject({ name: z.literal(name), stem });
/** The share of elements, tokens or branches that training drops. */
const rate = z.number().min(0).lt(1).default(0);
const vit = <Name extends string>(name: Name) =>
  z.strictObject({
    name: z.literal(name),
    patch: side.default(16),
    dropout: rate,
    attentionDropout: rate,
    dropPath: rate,
  });
const convnext = <Name extends string>(name: Name) =>
  z.strictObject({
    name: z.literal(name),
    patch: side.default(4),
    dropPath: rate,
    layerScale: positive.default(1e-6),
  });
const fixed = <Name extends string>(name: Name) => z.strictObject({ name: z.literal(name) });

/** The network of a recipe. */
export const networkSchema = z.discriminatedUnion("name", [
  mlp,
  cnn,
  convnet,
  resnet("resnet18"),
  resnet("resnet50"),
  vit("vit_tiny_patch16_224"),
  vit("vit_base_patch16_224"),
  convnext("convnext_tiny"),
  convnext("convnext_base"),
  fixed("convnet-mini"),
  fixed("mlp-mini"),
  fixed("resnet-mini"),
  fixed("vit-mini"),
  fixed("convnext-mini"),
  /** Any classifier as another framework exported it. */
  z.strictObject({ name: z.literal("onnx"), file: z.string().min(1) }),
]);
