import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { readHeader, writeSafetensors } from "../checkpoints/index.ts";
import { matrix } from "../numeric/index.ts";
import { readNetworkFile, writeNetworkFile } from "./vectors-file.ts";

let root: string;
let path: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pdiff-networks-"));
  path = join(root, "networks.safetensors");
});
afterEach(() => rm(root, { recursive: true }));

describe("a file of networks", () => {
  it("gives back what was written, bit by bit", async () => {
    const floats = fc.float({ noNaN: false });
    const files = fc
      .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 0, max: 5 }))
      .chain(([dimension, count]) =>
        fc.tuple(
          fc.constant(dimension),
          fc.array(floats, { minLength: dimension * count, maxLength: dimension * count }),
        ),
      );
    await fc.assert(
      fc.asyncProperty(files, async ([dimension, numbers]) => {
        const values = Float32Array.from(numbers);
        await writeNetworkFile(path, matrix(values, dimension));
        const read = await readNetworkFile(path);
        expect(read.columns).toBe(dimension);
        expect(new Uint32Array(read.values.buffer, read.values.byteOffset, read.values.length)).toEqual(
          new Uint32Array(values.buffer),
        );
      }),
      { numRuns: 25 },
    );
  });

  it("holds them as the rows of one tensor, with what is to be known of them", async () => {
    await writeNetworkFile(path, matrix(new Float32Array(6), 3), { baseline: "average of 4" });
    const { tensors, metadata } = await readHeader(path);
    expect([...tensors.values()].map(({ shape }) => shape)).toEqual([[2, 3]]);
    expect(metadata).toMatchObject({ baseline: "average of 4" });
  });

  it("has the same bytes for the same networks", async () => {
    const networks = matrix(Float32Array.of(1, 2, 3, 4), 2);
    const bytes = await Promise.all(
      ["a", "b"].map(async (name) => {
        await writeNetworkFile(join(root, name), networks, { b: "2", a: "1" });
        return readFile(join(root, name));
      }),
    );
    expect(bytes[0]).toEqual(bytes[1]);
  });

  it("does not hold part of a network", () => {
    expect(() => writeNetworkFile(path, matrix(new Float32Array(6), 4))).toThrow();
  });

  it.each([
    ["another tensor", "weights", [2, 2]],
    ["one row without its length", "networks", [4]],
  ])("that holds %s is refused, with what to do", async (_, name, shape) => {
    await writeSafetensors(path, [{ name, shape, data: new Float32Array(4) }]);
    const reading = readNetworkFile(path);
    await expect(reading).rejects.toMatchObject({ code: "E_CHECKPOINT" });
    await expect(reading).rejects.toThrow(/holds no networks; remove it/);
  });

  it("that was cut short or is something else is refused", async () => {
    await writeNetworkFile(path, matrix(new Float32Array(64), 2));
    await truncate(path, 200);
    await expect(readNetworkFile(path)).rejects.toMatchObject({ code: "E_CHECKPOINT" });
    await writeFile(path, "no networks");
    await expect(readNetworkFile(path)).rejects.toMatchObject({ code: "E_CHECKPOINT" });
  });
});
