import { describe, expect, it } from "vitest";

import { fill } from "../../test/support/fill.ts";
import { compile, type Device, type Feeds } from "../runtime/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { add, gelu, tanh } from "./ops/elementwise.ts";
import { matMul } from "./ops/linear.ts";
import { split } from "./ops/shape.ts";
import { partition } from "./partition.ts";
import { input, sizeOf, type Tensor } from "./tensor.ts";
import { leaves } from "./traverse.ts";

const device: Device = nodeDevice({ name: "cpu", threads: 1 });

async function evaluate(outputs: Readonly<Record<string, Tensor>>, feeds: Feeds) {
  const program = await compile(outputs, device);
  const results = await program.run(feeds);
  await program.release();
  return results as Record<string, Float32Array>;
}

const inputNames = (outputs: readonly Tensor[]) =>
  leaves(outputs).flatMap((t) => (t.source.kind === "input" ? [t.source.name] : []));

/** Three layers and a shortcut, of which `weight2` and `scale` are θ. */
function network() {
  const images = input("images", [3, 4]);
  const weights = [1, 2, 3].map((i) => input(`weight${i}`, [4, 4]));
  const scale = input("scale", [4]);
  const stem = gelu(matMul(images, weights[0]!));
  const [left, right] = split(stem, [1, 3], 1) as [Tensor, Tensor];
  const middle = tanh(matMul(stem, weights[1]!));
  const logits = add(matMul(middle, weights[2]!), add(stem, scale));
  return { images, theta: [weights[1]!, scale], left, right, logits };
}

const feedsOf = (outputs: readonly Tensor[]): Feeds =>
  Object.fromEntries(
    leaves(outputs).flatMap((t) =>
      t.source.kind === "input" ? [[t.source.name, fill(t.source.name, sizeOf(t.shape))]] : [],
    ),
  );

describe("partition", () => {
  it("cuts a graph into a prefix and a suffix that together compute its outputs", async () => {
    const { theta, right, logits } = network();
    const { prefix, suffix } = partition([logits, right], theta);
    const feeds = feedsOf([logits]);
    const whole = await evaluate({ logits, right }, feeds);
    const frozen = await evaluate(prefix, feeds);
    const parts = await evaluate({ logits: suffix[0]!, right: suffix[1]! }, { ...feeds, ...frozen });
    expect(parts).toEqual(whole);
  });

  it("keeps θ out of the prefix, and all work without θ out of the suffix", () => {
    const { theta, logits } = network();
    const { prefix, suffix } = partition([logits], theta);
    expect(inputNames(Object.values(prefix)).toSorted()).toEqual(["images", "weight1"]);
    expect(inputNames(suffix).toSorted()).toEqual(["frozen.0", "scale", "weight2", "weight3"]);
  });

  it("passes a value to the suffix once, however often it is used", () => {
    const { theta, logits } = network();
    expect(Object.keys(partition([logits], theta).prefix)).toEqual(["frozen.0"]);
  });

  it("has no prefix when everything depends on θ", () => {
    const { images, logits } = network();
    const { prefix, suffix } = partition([logits], [images]);
    expect(prefix).toEqual({});
    expect(suffix[0]).toBe(logits);
  });

  it("has only a prefix when nothing depends on θ", () => {
    const { theta, left } = network();
    const { prefix, suffix } = partition([left], theta);
    expect(prefix).toEqual({ "frozen.0": left });
    expect(suffix[0]!.source).toEqual({ kind: "input", name: "frozen.0" });
  });
});
