import { describe, expect, it } from "vitest";

import { constant, input } from "../graph/index.ts";
import { compile } from "../runtime/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { checkCovered, patchesOf } from "./patches.ts";

describe("patchesOf", () => {
  it("cuts an image into patches row by row and drops the remainder", async () => {
    const image = constant(
      Float32Array.from({ length: 15 }, (_, i) => i),
      [1, 3, 5, 1],
    );
    const program = await compile({ patches: patchesOf(image, 2) }, nodeDevice({ name: "cpu", threads: 1 }));
    const { patches } = await program.run({});
    await program.release();
    expect([...patches]).toEqual([0, 1, 5, 6, 2, 3, 7, 8]);
  });

  it("throws when no patch fits", () => {
    expect(() => patchesOf(input("x", [1, 1, 4, 3]), 2)).toThrow(expect.objectContaining({ code: "E_SHAPE" }));
  });
});

describe("checkCovered", () => {
  it("accepts sides that are multiples of the patch, and no others", () => {
    expect(() => checkCovered("net", [1, 3, 8, 12], 4)).not.toThrow();
    expect(() => checkCovered("net", [1, 3, 8, 10], 4)).toThrow("net: images of 8 x 10 pixels do not divide");
  });
});
