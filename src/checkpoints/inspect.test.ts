import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeSafetensors } from "./formats/safetensors/safetensors.ts";
import { inspectFile } from "./inspect.ts";

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pdiff-inspect-"));
  path = join(folder, "model.safetensors");
});
afterAll(() => rm(folder, { recursive: true }));

/** The bytes of a file with this header text and data. */
function fileOf(header: string, data: Uint8Array): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, Buffer.from(header), data]);
}

describe("inspecting a checkpoint", () => {
  it("gives every tensor's shape and statistics over its finite values", async () => {
    await writeSafetensors(
      path,
      [
        { name: "w", shape: [2, 3], data: Float32Array.of(1, 2, 3, 6, Number.NaN, -Infinity) },
        { name: "empty", shape: [0], data: new Float32Array(0) },
        { name: "lost", shape: [1], data: Float32Array.of(Infinity) },
      ],
      { format: "pt" },
    );
    const none = { min: null, max: null, mean: null, std: null };
    expect(await inspectFile(path)).toEqual({
      path,
      format: "safetensors",
      bytes: 244,
      parameters: 7,
      metadata: { format: "pt" },
      beside: [],
      tensors: [
        {
          name: "w",
          dtype: "F32",
          shape: [2, 3],
          count: 6,
          min: 1,
          max: 6,
          mean: 3,
          std: Math.sqrt(3.5),
          nonFinite: 2,
        },
        { name: "empty", dtype: "F32", shape: [0], count: 0, ...none, nonFinite: 0 },
        { name: "lost", dtype: "F32", shape: [1], count: 1, ...none, nonFinite: 1 },
      ],
    });
  });

  it("lists tensors of other types without statistics", async () => {
    await writeFile(path, fileOf('{"steps":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}', new Uint8Array(8)));
    const { tensors, parameters } = await inspectFile(path);
    expect(parameters).toBe(1);
    expect(tensors).toMatchObject([{ name: "steps", dtype: "I64", shape: [], count: 1, min: null, nonFinite: 0 }]);
  });

  it.each([
    ["F32", Float32Array],
    ["F64", Float64Array],
  ])("keeps its digits over more values than it holds at a time, far from zero (%s)", async (dtype, Values) => {
    const length = 2 ** 21;
    const data = new Values(length).fill(1e6).fill(1e6 + 1, length / 2);
    const header = `{"far":{"dtype":"${dtype}","shape":[${length}],"data_offsets":[0,${data.byteLength}]}}`;
    await writeFile(path, fileOf(header, new Uint8Array(data.buffer)));
    const [far] = (await inspectFile(path)).tensors;
    expect(far).toMatchObject({ count: length, min: 1e6, max: 1e6 + 1 });
    expect(far!.mean).toBeCloseTo(1e6 + 0.5, 6);
    expect(far!.std).toBeCloseTo(0.5, 6);
  });
});
