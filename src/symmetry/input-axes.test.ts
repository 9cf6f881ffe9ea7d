import { describe, expect, it } from "vitest";

import { key, normal } from "../random/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { INPUTS } from "./hidden-units.fixture.ts";
import { axes } from "./input-axes.fixture.ts";
import { imageAxes } from "./input-axes.ts";

describe("principal axes", () => {
  it("are orthonormal and sorted by falling variance", () => {
    const row = (i: number) => axes.axes.subarray(i * INPUTS, (i + 1) * INPUTS);
    for (let i = 0; i < INPUTS; i++)
      for (let j = 0; j < INPUTS; j++)
        expect(row(i).reduce((sum, x, k) => sum + x * row(j)[k]!, 0)).toBeCloseTo(i === j ? 1 : 0, 5);
    expect([...axes.variance]).toEqual([...axes.variance].sort((a, b) => b - a));
  });
});

describe("the axes of images", () => {
  const device = nodeDevice({ name: "cpu", threads: 1 });
  const [images, height, width] = [40, 4, 3];
  const pixels = normal(key(21), images * height * width);
  const view = { channels: 1, height, width, stride: 1, repeat: 1 };

  it("have the mean and the total variance of whole images", async () => {
    const size = height * width;
    const { mean, variance } = await imageAxes(pixels, { ...view, kernel: undefined }, device);
    const means = Array.from({ length: size }, (_, i) => {
      let sum = 0;
      for (let k = 0; k < images; k++) sum += pixels[k * size + i]! / images;
      return sum;
    });
    let total = 0;
    pixels.forEach((x, at) => {
      total += (x - means[at % size]!) ** 2 / images;
    });
    means.forEach((x, i) => {
      expect(mean[i]).toBeCloseTo(x, 5);
    });
    expect(variance.reduce((a, b) => a + b, 0)).toBeCloseTo(total, 3);
  });

  it("are of windows when the layer has a kernel, and repeat channels when asked to", async () => {
    const { mean, axes } = await imageAxes(pixels, { ...view, kernel: 2, repeat: 3 }, device);
    expect(mean).toHaveLength(3 * 2 * 2);
    expect(axes).toHaveLength(12 * 12);
    expect([...mean.subarray(4, 8)]).toEqual([...mean.subarray(0, 4)]);
  });
});
