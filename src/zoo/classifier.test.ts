import { describe, expect, it } from "vitest";

import { network } from "../networks/index.ts";
import { classifier } from "./classifier.ts";

const shape = { channels: 1, height: 28, width: 28, classes: 10 };
const tensors = (options: Parameters<typeof network>[0]) =>
  classifier(network(options), shape).layout.entries.map(({ name, shape }) => `${name} ${shape}`);

describe("a task network", () => {
  it("has PyTorch's names and shapes for its images and classes", () => {
    expect(tensors({ name: "mlp", hidden: [16] })).toEqual([
      "fc1.weight 16,784",
      "fc1.bias 16",
      "fc2.weight 10,16",
      "fc2.bias 10",
    ]);
    expect(tensors({ name: "cnn", channels: [4, 6], kernel: 3, hidden: [], colour: false })).toEqual([
      "conv1.weight 4,1,3,3",
      "conv1.bias 4",
      "conv2.weight 6,4,3,3",
      "conv2.bias 6",
      "fc1.weight 10,150",
      "fc1.bias 10",
    ]);
  });

  it("has the same tensors in training and in evaluation, for any batch", () => {
    const net = classifier(network({ name: "cnn", channels: [4], kernel: 3, hidden: [5], colour: true }), shape);
    const names = net.layout.entries.map((e) => e.name);
    for (const { parameters } of [net.loss(7), net.logits(3), net.loss(1)])
      expect(parameters.map((p) => p.name)).toEqual(names);
  });

  it("is refused, naming the layer, when it is too deep for the images", () => {
    const deep = { name: "cnn", channels: [2, 2, 2, 2, 2], kernel: 3, hidden: [], colour: false } as const;
    expect(() => classifier(network(deep), shape)).toThrow(
      expect.objectContaining({ code: "E_SHAPE", message: expect.stringContaining("conv4") }),
    );
  });
});
