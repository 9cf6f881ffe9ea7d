import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../test/support/temporary-folders.ts";
import { layoutOf } from "../layout/index.ts";
import { openVector } from "./flat-vector.ts";
import { writeSafetensors } from "./formats/safetensors/safetensors.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const layout = layoutOf([
  { name: "a", shape: [2, 2] },
  { name: "b", shape: [3] },
]);
let path: string;
beforeAll(async () => {
  path = join(folders.make(), "net.safetensors");
  await writeSafetensors(path, [
    { name: "net.b", shape: [3], data: Float32Array.of(5, 6, 7) },
    { name: "net.extra", shape: [1], data: Float32Array.of(9) },
    { name: "net.a", shape: [2, 1, 2], data: Float32Array.of(1, 2, 3, 4) },
  ]);
});

describe("a checkpoint as a flat vector", () => {
  it("has the layout's order, without a common prefix of names and axes of length 1", async () => {
    const reader = await openVector(path, layout);
    const whole = new Float32Array(7);
    await reader.read(0, 7, whole);
    const part = new Float32Array(3);
    await reader.read(2, 5, part);
    await reader.close();
    expect(whole).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6, 7));
    expect(part).toEqual(Float32Array.of(3, 4, 5));
  });

  it("finds tensors by other names when it is given some", async () => {
    const renamed = layoutOf([{ name: "bias", shape: [3] }]);
    const reader = await openVector(path, renamed, { namesOf: () => ["bias", "net.b"] });
    const values = new Float32Array(3);
    await reader.read(0, 3, values);
    await reader.close();
    expect(values).toEqual(Float32Array.of(5, 6, 7));
  });

  it("throws when a tensor has another shape, naming it", async () => {
    const other = layoutOf([
      { name: "a", shape: [2, 2] },
      { name: "b", shape: [4] },
    ]);
    await expect(openVector(path, other)).rejects.toThrow("net.b is [3], expected [4]");
  });

  it("throws when a tensor is missing, naming it", async () => {
    const other = layoutOf([{ name: "c", shape: [3] }]);
    await expect(openVector(path, other)).rejects.toThrow("missing c");
  });
});
