import { itMatchesOriginals, itRefusesToBuild } from "../../test/support/original-networks.ts";
import { network } from "./registry.ts";
import { simpleVit } from "./simple-vit.ts";

itMatchesOriginals({ "vit-mini": [network({ name: "vit-mini" }), [3, 3, 64, 64]] });

itRefusesToBuild([
  [
    "simpleVit: a width of 10 is no multiple of four from eight",
    simpleVit({ patch: 8, width: 10, depth: 1, heads: 1, headWidth: 4, hidden: 8 }),
    [3, 16, 16],
  ],
]);
