import { describe, expect, it } from "vitest";

import { type NetworkOptions, network } from "../../networks/index.ts";
import { classifier } from "../../zoo/index.ts";
import { imagesAtOnce } from "./predict.ts";

describe("the images that a network sees at once", () => {
  const shape = { channels: 1, height: 32, width: 32, classes: 10 };
  const seen = (options: NetworkOptions, most: number) => imagesAtOnce(classifier(network(options), shape), most);
  const cnn: NetworkOptions = { name: "cnn", channels: [16, 32, 15], kernel: 3, hidden: [20], colour: true };

  it("are few where its activations would leave the cache, but a divisor of what was asked for", () => {
    expect(seen(cnn, 250)).toBe(25);
    expect(seen(cnn, 64)).toBe(16);
    expect(seen(cnn, 7)).toBe(7);
  });

  it("are all where activations are small, or parameters many", () => {
    expect(seen({ name: "mlp", hidden: [16] }, 250)).toBe(250);
    expect(seen({ name: "resnet18", stem: "cifar" }, 100)).toBe(100);
  });
});
