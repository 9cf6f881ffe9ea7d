import { itMatchesOriginals } from "../../test/support/original-networks.ts";
import { convnetMini, mlpMini, resnetMini } from "./minis.ts";

itMatchesOriginals({
  "convnet-mini": [convnetMini, [3, 3, 64, 64]],
  "mlp-mini": [mlpMini, [3, 3, 64, 64]],
  "resnet-mini": [resnetMini, [3, 3, 64, 64]],
});
