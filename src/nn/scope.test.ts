import { describe, expect, it } from "vitest";

import { add, input, type Tensor } from "../graph/index.ts";
import { zeros } from "./initialisers.ts";
import { batchNorm, conv, dropout, groupNorm, instanceNorm, linear } from "./layers.ts";
import { type Scope, trace } from "./scope.ts";

const training = { training: true };
const x = input("x", [4, 6]);

describe("trace", () => {
  it("lists what was declared, in order, under dotted names", () => {
    const { parameters, buffers, noise, outputs } = trace((at) => {
      const block = at.in("layers").in(0);
      const y = batchNorm(block.in("norm"), linear(block.in("fc"), x, { out: 3 }));
      return dropout(at.in("drop"), y, { rate: 0.5 });
    }, training);
    expect(parameters.map(({ name, kind }) => [name, kind])).toEqual([
      ["layers.0.fc.weight", "linear"],
      ["layers.0.fc.bias", "linear"],
      ["layers.0.norm.weight", "norm"],
      ["layers.0.norm.bias", "norm"],
    ]);
    expect(buffers.map((b) => b.name)).toEqual(["layers.0.norm.running_mean", "layers.0.norm.running_var"]);
    expect(noise.map((n) => n.name)).toEqual(["drop.mask"]);
    expect(outputs.shape).toEqual([4, 3]);
  });

  it("gives every buffer its value after a training step, and keeps it in evaluation", () => {
    const normalised = (mode: { training: boolean }) => trace((at) => batchNorm(at, x), mode).buffers;
    for (const { leaf, next } of normalised(training)) {
      expect(next).not.toBe(leaf);
      expect(next.shape).toEqual(leaf.shape);
    }
    for (const { leaf, next } of normalised({ training: false })) expect(next).toBe(leaf);
  });

  it("omits dropout when its rate is zero or in evaluation", () => {
    expect(trace((at) => dropout(at, x, { rate: 0.5 }), { training: false }).outputs).toBe(x);
    expect(trace((at) => dropout(at, x, { rate: 0 }), training).outputs).toBe(x);
  });

  it("refuses two declarations of one name, and updates of a tensor that is no buffer", () => {
    const twice = () => trace((at) => add(linear(at, x, { out: 2 }), linear(at, x, { out: 2 })), training);
    expect(twice).toThrow("weight is declared twice");
    const wrong = () => trace((at) => at.in("a").update(at.parameter("p", [1], "other", zeros), x), training);
    expect(wrong).toThrow("a: only declared buffers can be updated");
  });
});

describe("a layer that does not fit says where it is:", () => {
  const image = input("image", [2, 3, 8, 8]);
  const cases: Readonly<Record<string, [(at: Scope) => Tensor, string]>> = {
    conv: [
      (at) => conv(at, image, { out: 4, kernel: 9 }),
      "conv: input [2, 3, 8, 8] with padding 0 is smaller than kernel [4, 3, 9, 9]",
    ],
    "grouped conv": [
      (at) => conv(at, image, { out: 4, kernel: 3, groups: 2 }),
      "conv: 3 channels do not divide into 2 groups",
    ],
    groupNorm: [(at) => groupNorm(at, image, { groups: 2 }), "groupNorm: 3 channels do not divide into 2 groups"],
    instanceNorm: [
      (at) => instanceNorm(at, input("y", [2, 3, 1])),
      "instanceNorm: needs more than one position to standardise over",
    ],
    batchNorm: [
      (at) => batchNorm(at, input("y", [1, 3])),
      "batchNorm: needs more than one value per channel to train; use a batch of at least two",
    ],
  };
  it.each(Object.entries(cases))("%s", (_, [build, message]) => {
    expect(() => trace((at) => build(at.in("stem").in(2)), training)).toThrow(
      expect.objectContaining({ code: "E_SHAPE", message: `${message} (in stem.2)` }),
    );
  });
});
