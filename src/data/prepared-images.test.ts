import { expect, it } from "vitest";

import { preparedImages } from "./prepared-images.ts";
import { memorySplit } from "./split.fixture.ts";

const preparation = { channels: 1, height: 1, width: 2, view: null, augmentation: null, mean: [0.5], std: [0.25] };

it("normalises every image of a split in its order, beyond one chunk", () => {
  const count = 1030;
  const bytes = Uint8Array.from({ length: 2 * count }, (_, i) => i % 256);
  const split = memorySplit(
    preparation,
    bytes,
    Uint8Array.from({ length: count }, (_, i) => i % 10),
  );
  const { size, pixels, labels } = preparedImages(preparation, split);
  expect([size, pixels.length]).toEqual([2, 2 * count]);
  expect([...labels]).toEqual([...split.labels]);
  for (const i of [0, 255, 2047, 2048, 2 * count - 1]) expect(pixels[i]).toBeCloseTo((bytes[i]! / 255 - 0.5) / 0.25, 5);
});
