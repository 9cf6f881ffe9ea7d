import { itMatchesOriginals } from "../../test/support/original-networks.ts";
import { convnet } from "./convnet.ts";
import { network } from "./registry.ts";

itMatchesOriginals({
  "convnet-3": [network({ name: "convnet", width: 128, depth: 3 }), [2, 3, 16, 16]],
  "convnet of grey images": [convnet({ width: 8, depth: 2 }), [2, 1, 28, 28]],
});
