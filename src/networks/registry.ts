/** Every task network that a recipe can name. A new network is one file, and a case here. */
import { type CnnOptions, cnn } from "./cnn.ts";
import { type ConvNetOptions, convnet } from "./convnet.ts";
import { type ConvNextOptions, convnext } from "./convnext.ts";
import { convnetMini, mlpMini, resnetMini } from "./minis.ts";
import { type MlpOptions, mlp } from "./mlp.ts";
import type { Network } from "./network.ts";
import { type ResNetOptions, resnet } from "./resnet.ts";
import { simpleVit } from "./simple-vit.ts";
import { type VitOptions, vit } from "./vit.ts";

/** A network as a recipe writes it. */
export type NetworkOptions =
  | ({ readonly name: "mlp" } & MlpOptions)
  | ({ readonly name: "cnn" } & CnnOptions)
  | ({ readonly name: "convnet" } & ConvNetOptions)
  | ({ readonly name: "resnet18" | "resnet50" } & Pick<ResNetOptions, "stem">)
  | ({ readonly name: "vit_tiny_patch16_224" | "vit_base_patch16_224" } & Omit<VitOptions, "width" | "depth" | "heads">)
  | ({ readonly name: "convnext_tiny" | "convnext_base" } & Omit<ConvNextOptions, "depths" | "widths">)
  | { readonly name: "convnet-mini" | "mlp-mini" | "resnet-mini" | "vit-mini" | "convnext-mini" };

/** Builds the network that a recipe names. */
export function network(options: NetworkOptions): Network {
  switch (options.name) {
    case "mlp":
      return mlp(options);
    case "cnn":
      return cnn(options);
    case "convnet":
      return convnet(options);
    case "resnet18":
      return resnet({ ...options, block: "basic", depths: [2, 2, 2, 2] });
    case "resnet50":
      return resnet({ ...options, block: "bottleneck", depths: [3, 4, 6, 3] });
    case "vit_tiny_patch16_224":
      return vit({ ...options, width: 192, depth: 12, heads: 3 });
    case "vit_base_patch16_224":
      return vit({ ...options, width: 768, depth: 12, heads: 12 });
    case "convnext_tiny":
      return convnext({ ...options, depths: [3, 3, 9, 3], widths: [96, 192, 384, 768] });
    case "convnext_base":
      return convnext({ ...options, depths: [3, 3, 27, 3], widths: [128, 256, 512, 1024] });
    case "convnet-mini":
      return convnetMini;
    case "mlp-mini":
      return mlpMini;
    case "resnet-mini":
      return resnetMini;
    case "vit-mini":
      return simpleVit({ patch: 8, width: 64, depth: 4, heads: 4, headWidth: 8, hidden: 64 });
    case "convnext-mini":
      return convnext({ depths: [1, 2, 2, 2], widths: [16, 32, 32, 32] });
    default:
      throw new TypeError(`no network is named ${String(options satisfies never)}`);
  }
}
