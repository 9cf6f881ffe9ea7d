import { mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { flatten, layoutOf } from "../layout/index.ts";
import { openCheckpoint } from "./flat-reader.ts";
import { writeSafetensors } from "./formats/safetensors/safetensors.ts";

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pdiff-slices-"));
  path = join(folder, "model.safetensors");
});
afterAll(() => rm(folder, { recursive: true }));

const tensor = (name: string, shape: number[], first = 0) => ({
  name,
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => first + i),
});

describe("a range of a checkpoint's flat vector", () => {
  it("equals the same range of the whole vector, whatever the order of the tensors in the file", async () => {
    const shapes = fc.array(fc.array(fc.nat(5), { maxLength: 2 }), { minLength: 1, maxLength: 8 });
    const random = fc.record({
      shapes,
      order: fc.infiniteStream(fc.nat()),
      cuts: fc.array(fc.tuple(fc.nat(), fc.nat())),
    });
    await fc.assert(
      fc.asyncProperty(random, async ({ shapes, order, cuts }) => {
        const tensors = shapes.map((shape, i) => tensor(`t${i}`, shape, 100 * i));
        const inFile = tensors
          .map((value) => ({ value, rank: order.next().value }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ value }) => value);
        await writeSafetensors(path, [...inFile, tensor("not in the layout", [3])]);
        const layout = layoutOf(tensors);
        const whole = flatten(layout, new Map(tensors.map(({ name, data }) => [name, data])));
        const checkpoint = await openCheckpoint(path, layout);
        const ranges = [
          [0, layout.size],
          ...cuts.map((cut) => cut.map((at) => at % (layout.size + 1)).sort((a, b) => a - b)),
        ];
        await Promise.all(
          ranges.map(async ([start, end]) => {
            const into = new Float32Array(end! - start!);
            await checkpoint.read(start!, end!, into);
            expect(into).toEqual(whole.subarray(start, end));
          }),
        );
        await checkpoint.close();
      }),
    );
  });

  it("leaves the rest of a longer array alone, and must lie in the vector and fit the array", async () => {
    const spec = tensor("a", [4]);
    await writeSafetensors(path, [spec]);
    const checkpoint = await openCheckpoint(path, layoutOf([spec]));
    const into = new Float32Array(3).fill(7);
    await checkpoint.read(1, 3, into);
    expect(into).toEqual(Float32Array.of(1, 2, 7));
    for (const [start, end] of [
      [0, 4],
      [3, 5],
      [-1, 1],
      [2, 1],
      [Number.NaN, 1],
    ] as const)
      await expect(checkpoint.read(start, end, into)).rejects.toThrow(RangeError);
    await checkpoint.close();
  });

  it("is refused when the file shrinks under the reader", async () => {
    const spec = tensor("a", [4]);
    await writeSafetensors(path, [spec]);
    const checkpoint = await openCheckpoint(path, layoutOf([spec]));
    await truncate(path, 72);
    await expect(checkpoint.read(0, 4, new Float32Array(4))).rejects.toThrow(`${path} ended at byte 72`);
    await checkpoint.close();
  });
});

describe("opening a checkpoint", () => {
  it("refuses a file whose tensors are missing or different, naming them", async () => {
    await writeSafetensors(path, [tensor("a", [2, 3]), tensor("b", [6])]);
    const opened = openCheckpoint(path, layoutOf([tensor("a", [3, 2]), tensor("b", [6]), tensor("c", [])]));
    await expect(opened).rejects.toThrow(
      `${path} does not fit the network: missing c; a is F32 [2,3], expected F32 [3,2]; give a checkpoint`,
    );
  });
});
