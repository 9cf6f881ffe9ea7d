import { statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { floats, int, modelOf, node } from "../../test/support/onnx-model.ts";
import { temporaryFolders } from "../../test/support/tiny-run.ts";
import { networkOf } from "./network-of.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

/** A linear classifier of 2 × 2 images whose weights are all one value. */
const linearModel = (weight: number) =>
  modelOf(
    [node("Flatten", ["x"], "flat", [int("axis", 1)]), node("Gemm", ["flat", "fc.weight"], "y", [int("transB", 1)])],
    { initializer: [floats("fc.weight", [3, 4], Array(12).fill(weight))], shape: ["batch", 1, 2, 2] },
  );

describe("a network read from a file", () => {
  it("is the same one when the file has not changed", () => {
    const file = join(folders.make(), "net.onnx");
    writeFileSync(file, linearModel(1));
    expect(networkOf({ name: "onnx", file })).toBe(networkOf({ name: "onnx", file }));
  });

  it("is read again when the file has changed", () => {
    const file = join(folders.make(), "net.onnx");
    writeFileSync(file, linearModel(1));
    const first = networkOf({ name: "onnx", file });
    writeFileSync(file, linearModel(2));
    const { atimeMs, mtimeMs } = statSync(file);
    utimesSync(file, atimeMs / 1000, mtimeMs / 1000 + 10);
    expect(networkOf({ name: "onnx", file })).not.toBe(first);
  });
});
