/**
 * The names of torchvision's state dicts. Its ResNets use timm's names, as this project does; its
 * ViT-B/16 and ConvNeXts hold the same tensors under other names.
 */

/** A pattern of this project's names, and torchvision's name for a match. */
type Rule = readonly [ours: RegExp, theirs: string | ((match: RegExpExecArray) => string)];

const vit: readonly Rule[] = [
  [/^cls_token$/, "class_token"],
  [/^pos_embed$/, "encoder.pos_embedding"],
  [/^patch_embed\.proj\.(.+)$/, "conv_proj.$1"],
  [/^blocks\.(\d+)\.norm([12])\.(.+)$/, "encoder.layers.encoder_layer_$1.ln_$2.$3"],
  [/^blocks\.(\d+)\.attn\.qkv\.(.+)$/, "encoder.layers.encoder_layer_$1.self_attention.in_proj_$2"],
  [/^blocks\.(\d+)\.attn\.proj\.(.+)$/, "encoder.layers.encoder_layer_$1.self_attention.out_proj.$2"],
  [/^blocks\.(\d+)\.mlp\.fc1\.(.+)$/, "encoder.layers.encoder_layer_$1.mlp.0.$2"],
  [/^blocks\.(\d+)\.mlp\.fc2\.(.+)$/, "encoder.layers.encoder_layer_$1.mlp.3.$2"],
  [/^norm\.(.+)$/, "encoder.ln.$1"],
  [/^head\.(.+)$/, "heads.head.$1"],
];

/** torchvision numbers downsampling layers and stages alternately in one list. */
const block = (layer: string) => (match: RegExpExecArray) =>
  `features.${2 * Number(match[1]) + 1}.${match[2]}.${layer}${match[3] ?? ""}`;

const convnext: readonly Rule[] = [
  [/^stem\.(.+)$/, "features.0.$1"],
  [/^stages\.(\d+)\.downsample\.(.+)$/, (match) => `features.${2 * Number(match[1])}.${match[2]}`],
  [/^stages\.(\d+)\.blocks\.(\d+)\.conv_dw(\..+)$/, block("block.0")],
  [/^stages\.(\d+)\.blocks\.(\d+)\.norm(\..+)$/, block("block.2")],
  [/^stages\.(\d+)\.blocks\.(\d+)\.mlp\.fc1(\..+)$/, block("block.3")],
  [/^stages\.(\d+)\.blocks\.(\d+)\.mlp\.fc2(\..+)$/, block("block.5")],
  [/^stages\.(\d+)\.blocks\.(\d+)\.gamma$/, block("layer_scale")],
  [/^head\.norm\.(.+)$/, "classifier.0.$1"],
  [/^head\.fc\.(.+)$/, "classifier.2.$1"],
];

const rulesOf: Readonly<Record<string, readonly Rule[]>> = {
  vit_base_patch16_224: vit,
  vit_tiny_patch16_224: vit,
  convnext_tiny: convnext,
  convnext_base: convnext,
};

/** Name and shape of a tensor. */
export interface TorchvisionTensor {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * The name and shape that torchvision gives a tensor; a ConvNeXt's scales are `[channels, 1, 1]`
 * there. Networks that torchvision does not have keep their names.
 * @param network its name in a recipe.
 */
export function torchvisionTensor(network: string, { name, shape }: TorchvisionTensor): TorchvisionTensor {
  for (const [ours, theirs] of rulesOf[network] ?? []) {
    const match = ours.exec(name);
    if (match === null) continue;
    const renamed = typeof theirs === "string" ? name.replace(ours, theirs) : theirs(match);
    return { name: renamed, shape: renamed.endsWith("layer_scale") ? [...shape, 1, 1] : shape };
  }
  return { name, shape };
}
