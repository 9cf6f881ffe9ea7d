import { describe, expect, it } from "vitest";
import { restrict } from "../layout/index.ts";
import { type NetworkOptions, network } from "../networks/index.ts";
import { classifier } from "../zoo/index.ts";
import { evaluationBatch } from "./evaluation-batch.ts";

describe("the images that a network classifies at once", () => {
  const shape = { channels: 1, height: 32, width: 32, classes: 10 };
  const madeOf = (options: NetworkOptions, size = 32) =>
    classifier(network(options), { ...shape, height: size, width: size });
  const batchOf = (options: NetworkOptions, most: number) => {
    const made = madeOf(options);
    return evaluationBatch(made, made.layout, most);
  };
  const cnn: NetworkOptions = { name: "cnn", channels: [16, 32, 15], kernel: 3, hidden: [20], colour: true };

  it("are few where activations would leave the cache, but a divisor of what was asked for", () => {
    expect(batchOf(cnn, 1000)).toBe(25);
    expect(batchOf(cnn, 64)).toBe(16);
    expect(batchOf(cnn, 7)).toBe(7);
  });

  it("are as many as asked for where activations are small, or parameters many", () => {
    expect(batchOf({ name: "mlp", hidden: [16] }, 250)).toBe(250);
    expect(batchOf({ name: "resnet18", stem: "cifar" }, 100)).toBe(100);
  });

  it("fill memory only in part where a large network sees large images", () => {
    const made = madeOf({ name: "resnet18", stem: "imagenet" }, 224);
    const [first] = made.layout.entries.map(({ name }) => name);
    const some = restrict(made.layout, new Set([String(first)]));
    expect(evaluationBatch(made, made.layout, 1000)).toBeLessThan(100);
    expect(evaluationBatch(made, some, 1000)).toBeLessThan(250);
  });
});
