import { describe, expect, it } from "vitest";

import { layoutOf } from "../layout/index.ts";
import { suggestTensors, type TensorVariation } from "./suggest-tensors.ts";

/** Tensors by how far each varies, and which share of all that differs it holds. */
function suggested(tensors: Readonly<Record<string, readonly [relative: number, share: number]>>) {
  const of: TensorVariation[] = Object.entries(tensors).map(([name, [relative, share]]) => ({
    name,
    shape: [10],
    count: 10,
    relative,
    share,
  }));
  return suggestTensors(of, layoutOf(of), 20);
}

describe("the tensors that are suggested", () => {
  it("are all where few are given and every one varies", () => {
    expect(suggested({ "a.weight": [0.1, 0.5], "b.weight": [0.1, 0.5] })).toEqual({
      select: "all",
      parameters: 20,
      reason: "every tensor varies",
      memoryBytes: 250e6 + 4 * 20 + 4 * 20 * 20,
      diskBytes: 4 * 20 * (20 + 50),
    });
  });

  it("are the last layers where these hold nearly all of what differs", () => {
    const found = suggested({
      "a.weight": [0.1, 0.002],
      "b.weight": [0.1, 0.003],
      "c.weight": [0.1, 0.3],
      "d.weight": [0.1, 0.6],
      "d.bias": [0.1, 0.095],
    });
    expect(found).toMatchObject({
      select: "c.*,d.*",
      parameters: 30,
      reason: "these layers hold 99.5 % of what differs",
    });
  });

  it("are those that vary where others stay the same", () => {
    expect(suggested({ "a.weight": [0, 0], "b.weight": [0.1, 0.5], "c.weight": [0.1, 0.5] })).toMatchObject({
      select: "b.*,c.*",
      parameters: 20,
      reason: "1 of 3 tensors are the same in all checkpoints",
    });
  });

  it("are all where nothing differs, which is said", () => {
    expect(suggested({ "a.weight": [0, 0] })).toMatchObject({
      select: "all",
      reason: "nothing differs between these checkpoints: there is nothing to learn",
    });
  });
});
