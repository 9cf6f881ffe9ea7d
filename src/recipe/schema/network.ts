/** The task network of a recipe. */
import { z } from "zod";
import { depth, MAX_SIDE, positive, width, widths } from "../../nn/index.ts";

const side = z.int().min(1).max(MAX_SIDE);

const mlp = z.strictObject({
  name: z.literal("mlp").describe("multilayer perceptron with ReLU"),
  hidden: widths.default([64, 32]).describe("Widths of the hidden linear layers."),
});
const cnn = z.strictObject({
  name: z.literal("cnn").describe("small CNN of convolutions, pooling and linear layers"),
  channels: widths.min(1).default([16, 32, 15]).describe("Channels of each convolutional stage."),
  kernel: side.default(3).describe("Kernel size of the convolutions."),
  hidden: widths.default([20]).describe("Widths of the hidden linear layers."),
  colour: z.boolean().default(true).describe("Whether grey images are repeated to three channels."),
});

const convnet = z.strictObject({
  name: z.literal("convnet").describe("ConvNet of dataset distillation: convolution, norm, ReLU and pooling"),
  width: width.default(128).describe("Channels of every stage."),
  depth: depth.default(3).describe("Number of stages."),
});
const stem = z
  .enum(["imagenet", "cifar"])
  .default("imagenet")
  .describe("First layers: `imagenet` for images of about 224 pixels, `cifar` for about 32.");
const resnet = <Name extends string>(name: Name, layers: number) =>
  z.strictObject({ name: z.literal(name).describe(`ResNet-${layers}, as in torchvision and timm`), stem });
/** The share of elements, tokens or branches that training drops. */
const rate = z.number().min(0).lt(1).default(0);
const dropPath = rate.describe("Stochastic depth rate at the last block; it rises linearly from 0 at the first.");
const vit = <Name extends string>(name: Name, size: string) =>
  z.strictObject({
    name: z.literal(name).describe(`ViT-${size} with patches of 16 pixels, as in timm`),
    patch: side.default(16).describe("Side of a patch in pixels; must divide the image's side."),
    dropout: rate.describe("Dropout rate after the position embedding, the attention and the MLP layers."),
    attentionDropout: rate.describe("Dropout rate of the attention weights."),
    dropPath,
  });
const convnext = <Name extends string>(name: Name, size: string) =>
  z.strictObject({
    name: z.literal(name).describe(`ConvNeXt-${size}, as in timm`),
    patch: side.default(4).describe("Side of the stem's patches, in pixels."),
    dropPath,
    layerScale: positive.default(1e-6).describe("Initial scale of the residual branches."),
  });
const mini = <Name extends string>(name: Name, family: string) =>
  z.strictObject({ name: z.literal(name).describe(`the revised paper's mini ${family} (table 2)`) });

/** The network of a recipe. */
export const networkSchema = z
  .discriminatedUnion("name", [
    mlp,
    cnn,
    convnet,
    resnet("resnet18", 18),
    resnet("resnet50", 50),
    vit("vit_tiny_patch16_224", "Tiny"),
    vit("vit_base_patch16_224", "Base"),
    convnext("convnext_tiny", "Tiny"),
    convnext("convnext_base", "Base"),
    mini("convnet-mini", "ConvNet"),
    mini("mlp-mini", "MLP"),
    mini("resnet-mini", "ResNet"),
    mini("vit-mini", "ViT"),
    mini("convnext-mini", "ConvNeXt"),
    z.strictObject({
      name: z.literal("onnx").describe("any classifier as another framework exported it to ONNX"),
      file: z.string().min(1).describe("Path of the ONNX model."),
    }),
  ])
  .describe("The task network: an image classifier.");
