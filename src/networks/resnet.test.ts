import { itMatchesOriginals } from "../../test/support/original-networks.ts";
import { network } from "./registry.ts";

itMatchesOriginals({
  resnet18: [network({ name: "resnet18", stem: "imagenet" }), [4, 3, 64, 64]],
  resnet50: [network({ name: "resnet50", stem: "imagenet" }), [4, 3, 48, 48]],
  "resnet18 with the stem for CIFAR": [network({ name: "resnet18", stem: "cifar" }), [4, 3, 16, 16]],
});
