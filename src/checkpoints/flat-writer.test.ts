import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../test/support/temporary-folders.ts";
import { MAX_OPEN_FILES } from "../files/index.ts";
import { layoutOf } from "../layout/index.ts";
import { key, normal } from "../random/index.ts";
import { writeStreamed } from "./flat-writer.ts";
import { readSafetensors, writeSafetensors } from "./formats/safetensors/safetensors.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const layout = layoutOf([
  { name: "weight", shape: [4, 5] },
  { name: "bias", shape: [4] },
  { name: "scale", shape: [] },
]);
const D = layout.size;
const COUNT = 3;
const vectors = normal(key(1), COUNT * D);

/** Coordinates from `start` to `end` of every file, as the writer takes them. */
const block = (start: number, end: number): Float32Array =>
  Float32Array.from({ length: COUNT * (end - start) }, (_, i) => {
    const width = end - start;
    return vectors[Math.floor(i / width) * D + start + (i % width)]!;
  });

describe("files written together", () => {
  it("are more than a process may open", async () => {
    const folder = folders.make();
    const count = 3 * MAX_OPEN_FILES;
    const files = Array.from({ length: count }, (_, i) => ({ path: join(folder, `${i}.safetensors`), metadata: {} }));
    const descriptors = () => readdirSync("/proc/self/fd").length;
    const before = descriptors();
    let most = 0;
    await writeStreamed(folder, files, layout, async (write) => {
      for (let start = 0; start < D; start++) {
        await write(
          start,
          Float32Array.from({ length: count }, (_, i) => 100 * i + start),
        );
        most = Math.max(most, descriptors());
      }
    });
    expect(most - before).toBeLessThanOrEqual(MAX_OPEN_FILES + 8);
    const last = await readSafetensors(join(folder, `${count - 1}.safetensors`));
    expect([...(last.tensors.get("bias") ?? [])]).toEqual([20, 21, 22, 23].map((i) => 100 * (count - 1) + i));
  });

  it("are the bytes of files written alone, in whatever ranges and order they come", async () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: D - 1 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(cuts, fc.boolean(), async (inside, backwards) => {
        const folder = folders.make();
        const files = Array.from({ length: COUNT }, (_, i) => ({
          path: join(folder, `${i}.safetensors`),
          metadata: { number: String(i) },
        }));
        const edges = [0, ...inside.sort((a, b) => a - b), D];
        const ranges = edges.slice(1).map((end, i) => [edges[i]!, end] as const);
        await writeStreamed(folder, files, layout, async (write) => {
          for (const [start, end] of backwards ? ranges.toReversed() : ranges) await write(start, block(start, end));
        });
        for (const [i, { path, metadata }] of files.entries()) {
          const alone = join(folder, "alone");
          const tensors = layout.entries.map(({ name, shape, offset, size }) => ({
            name,
            shape,
            data: vectors.slice(i * D + offset, i * D + offset + size),
          }));
          await writeSafetensors(alone, tensors, metadata);
          expect(readFileSync(path)).toEqual(readFileSync(alone));
        }
      }),
      { numRuns: 25 },
    );
  });

  it("are absent, all of them, when one of them cannot be finished", async () => {
    const folder = folders.make();
    const files = ["a", "b"].map((name) => ({ path: join(folder, name), metadata: {} }));
    const writing = writeStreamed(folder, files, layout, async (write) => {
      await write(0, new Float32Array(2 * 5));
      throw new Error("a stop");
    });
    await expect(writing).rejects.toThrow("a stop");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("say so where nothing can be written", async () => {
    const folder = folders.make();
    const files = [{ path: join(folder, "no", "such", "folder.safetensors"), metadata: {} }];
    await expect(writeStreamed(folder, files, layout, async () => {})).rejects.toMatchObject({
      code: "E_DISK",
      message: expect.stringContaining("ENOENT"),
    });
    expect(existsSync(join(folder, "no"))).toBe(false);
  });
});
