import { expect, it } from "vitest";

import { itMatchesOriginals, itRefusesToBuild, masksOf } from "../../test/support/original-networks.ts";
import { network } from "./registry.ts";
import { vit } from "./vit.ts";

itMatchesOriginals({
  vit_tiny: [network({ name: "vit_tiny_patch16_224", patch: 16 }), [2, 3, 48, 32]],
  vit_base: [network({ name: "vit_base_patch16_224", patch: 16 }), [2, 3, 32, 32]],
});

const dropping = vit({ patch: 16, width: 8, depth: 2, heads: 2, dropout: 0.1, attentionDropout: 0.1, dropPath: 0.1 });

it("drops activations, attention weights and all branches but the first block's, in training", () => {
  expect(masksOf(dropping, false)).toEqual([]);
  expect(masksOf(dropping)).toEqual([
    "pos_drop.mask 2x5x8",
    "blocks.0.attn.attn_drop.mask 2x2x5x5",
    "blocks.0.attn.proj_drop.mask 2x5x8",
    "blocks.0.mlp.drop1.mask 2x5x32",
    "blocks.0.mlp.drop2.mask 2x5x8",
    "blocks.1.attn.attn_drop.mask 2x2x5x5",
    "blocks.1.attn.proj_drop.mask 2x5x8",
    "blocks.1.drop_path1.mask 2x1x1",
    "blocks.1.mlp.drop1.mask 2x5x32",
    "blocks.1.mlp.drop2.mask 2x5x8",
    "blocks.1.drop_path2.mask 2x1x1",
  ]);
});

itRefusesToBuild([
  [
    "vit: images of 32 x 40 pixels do not divide into patches of 16 x 16; use sides that are multiples of 16, or another patch",
    vit({ patch: 16, width: 12, depth: 1, heads: 3 }),
    [3, 32, 40],
  ],
  ["vit: a width of 13 does not divide into 3 heads", vit({ patch: 16, width: 13, depth: 1, heads: 3 }), [3, 32, 32]],
]);
