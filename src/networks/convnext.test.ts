import { expect, it } from "vitest";

import { itMatchesOriginals, itRefusesToBuild, masksOf } from "../../test/support/original-networks.ts";
import { convnext } from "./convnext.ts";
import { network } from "./registry.ts";

itMatchesOriginals({
  convnext_tiny: [network({ name: "convnext_tiny" }), [2, 3, 64, 64]],
  "convnext-mini": [network({ name: "convnext-mini" }), [3, 3, 64, 64]],
  convnext_base: [network({ name: "convnext_base" }), [2, 3, 64, 64]],
});

it("drops branches in training", () => {
  expect(masksOf(convnext({ depths: [1, 2], widths: [4, 8], dropPath: 0.1 }))).toEqual([
    "stages.1.blocks.0.drop_path.mask 2x1x1x1",
    "stages.1.blocks.1.drop_path.mask 2x1x1x1",
  ]);
});

it("refuses fewer widths than stages", () => {
  expect(() => convnext({ depths: [1, 2], widths: [4] })).toThrow("convnext: 1 widths for 2 stages");
});

itRefusesToBuild([
  [
    "patchesOf: 1 x 1 positions do not fill a patch of 2 x 2 (in stages.1.downsample.1)",
    convnext({ depths: [1, 1], widths: [4, 8] }),
    [3, 4, 4],
  ],
]);
