/** A safetensors file read by ranges, and copied with other values. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../../../test/support/temporary-folders.ts";
import { writeSafetensors } from "./safetensors.ts";
import { openSafetensorsFile, rewriteSafetensors } from "./safetensors-file.ts";

const { make, remove } = temporaryFolders();
afterAll(remove);

/** A file of a weight, a bias and a counter. */
async function write(): Promise<string> {
  const path = join(make(), "a.safetensors");
  const tensors = [
    { name: "weight", shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
    { name: "bias", shape: [2], data: Float32Array.of(7, 8) },
    { name: "steps", shape: [1], data: BigInt64Array.of(9n) },
  ];
  await writeSafetensors(path, tensors, { epoch: "3" });
  return path;
}

async function elements(path: string, name: string, start: number, count: number): Promise<number[]> {
  const file = await openSafetensorsFile(path);
  const into = new Float32Array(count);
  await file.readFloats(name, start, into);
  await file.close();
  return [...into];
}

describe("an opened file", () => {
  it("says what it holds without reading the values", async () => {
    const path = await write();
    const file = await openSafetensorsFile(path);
    await file.close();
    expect(file).toMatchObject({
      format: "safetensors",
      bytes: readFileSync(path).length,
      metadata: { epoch: "3" },
    });
    expect([...file.tensors].map(([name, { dtype, shape, count }]) => [name, dtype, shape, count])).toEqual([
      ["weight", "F32", [2, 3], 6],
      ["bias", "F32", [2], 2],
      ["steps", "I64", [1], 1],
    ]);
  });

  it("reads a range of a tensor", async () => {
    expect(await elements(await write(), "weight", 2, 3)).toEqual([3, 4, 5]);
  });

  it("is refused when it is no safetensors file", async () => {
    await expect(openSafetensorsFile(import.meta.filename)).rejects.toMatchObject({ code: "E_CHECKPOINT" });
  });
});

describe("a copy with other values", () => {
  it("differs from its file in those values alone", async () => {
    const path = await write();
    const to = join(make(), "b.safetensors");
    await rewriteSafetensors(path, to, new Map([["bias", Float32Array.of(-1, -2)]]));
    expect(await elements(to, "bias", 0, 2)).toEqual([-1, -2]);
    const [before, after] = [readFileSync(path), readFileSync(to)];
    const differing = [...after.keys()].filter((at) => before[at] !== after[at]);
    expect(after.length).toBe(before.length);
    expect((differing.at(-1) ?? 0) - (differing[0] ?? 0)).toBeLessThan(8);
  });

  it.each([
    ["a tensor that the file does not have", "scale", 2],
    ["another number of values", "bias", 3],
    ["a tensor of whole numbers", "steps", 1],
  ])("is refused for %s", async (_, name, count) => {
    const path = await write();
    const values = new Map([[name, new Float32Array(count)]]);
    await expect(rewriteSafetensors(path, join(make(), "b.safetensors"), values)).rejects.toMatchObject({
      code: "E_CHECKPOINT",
    });
  });
});
