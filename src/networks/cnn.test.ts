import { expect, it } from "vitest";

import { itMatchesPyTorch } from "../../test/support/pytorch-networks.ts";
import { input } from "../graph/index.ts";
import { countOf, trace } from "../nn/index.ts";
import { cnn } from "./cnn.ts";

const medium = cnn({ channels: [16, 32, 15], kernel: 3, hidden: [20], colour: true });

itMatchesPyTorch({
  cnn: [medium, [1, 32, 32]],
  "cnn of colour images": [cnn({ channels: [4, 6], kernel: 5, hidden: [], colour: true }), [3, 20, 20]],
  "cnn of grey images, as they are": [
    cnn({ channels: [4, 5], kernel: 3, hidden: [12, 8], colour: false }),
    [1, 18, 18],
  ],
});

it("has 10 853 parameters as in the paper", () => {
  const images = input("images", [1, 1, 32, 32]);
  const { parameters } = trace((at) => medium(at, images, 10), { training: false });
  expect(countOf(parameters)).toBe(10_853);
});
