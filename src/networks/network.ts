/** What a task network is, and the list of those that exist. */
import type { Tensor } from "../graph/index.ts";
import type { Scope } from "../nn/index.ts";
import { type CnnOptions, cnn } from "./cnn.ts";
import { type MlpOptions, mlp } from "./mlp.ts";
import { type ResNetOptions, resnet } from "./resnet.ts";

/** A classifier: images `[batch, channels, height, width]` to logits `[batch, classes]`. */
export type Network = (at: Scope, images: Tensor, classes: number) => Tensor;

/** A network as a recipe writes it. */
export type NetworkOptions =
  | ({ readonly name: "mlp" } & MlpOptions)
  | ({ readonly name: "cnn" } & CnnOptions)
  | ({ readonly name: "resnet18" | "resnet50" } & Pick<ResNetOptions, "stem">);

/** The network that a recipe asks for. */
export function network(options: NetworkOptions): Network {
  switch (options.name) {
    case "mlp":
      return mlp(options);
    case "cnn":
      return cnn(options);
    case "resnet18":
      return resnet({ ...options, block: "basic", depths: [2, 2, 2, 2] });
    case "resnet50":
      return resnet({ ...options, block: "bottleneck", depths: [3, 4, 6, 3] });
  }
}
