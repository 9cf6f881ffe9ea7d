import { expect, it } from "vitest";

import { perTensor } from "./per-tensor.ts";
import { D, fit, K, layout, mean, rows, squares } from "./rows.fixture.ts";

it("has the mean of the checkpoints' means and unbiased standard deviations, one of each for a tensor", async () => {
  const fitted = await fit(perTensor, rows);
  for (const { offset, size } of layout.entries) {
    const tensors = Array.from({ length: K }, (_, k) => [...rows.subarray(k * D + offset, k * D + offset + size)]);
    const std = size === 1 ? 1 : mean(tensors.map((values) => Math.sqrt(squares(values) / (size - 1))));
    for (let i = offset; i < offset + size; i++) {
      expect(fitted.mean[i]).toBeCloseTo(mean(tensors.map(mean)), 4);
      expect(fitted.scale[i]).toBeCloseTo(std, 4);
    }
  }
});
