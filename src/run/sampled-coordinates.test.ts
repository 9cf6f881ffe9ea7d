import { join } from "node:path";

import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../test/support/tiny-run.ts";
import { layoutOf } from "../layout/index.ts";
import { writeCheckpoint } from "./checkpoint-folder.ts";
import { readSampledCoordinates, sampleCoordinates } from "./sampled-coordinates.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const layout = layoutOf([
  { name: "a", shape: [300, 100] },
  { name: "b", shape: [7] },
  { name: "c", shape: [10_000] },
]);

describe("sampled coordinates", () => {
  it("are all of them when the networks fit in memory", () => {
    expect(sampleCoordinates(layout, 10)).toEqual({ layout, ranges: [[0, layout.size]], whole: true });
  });

  it("are a part of every tensor when the networks do not fit, without repetition", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 50 }), fc.integer({ min: 1, max: 1_000_000 }), (networks, most) => {
        const { layout: seen, ranges, whole } = sampleCoordinates(layout, networks, most);
        expect(whole).toBe(networks * layout.size <= most);
        expect(ranges.reduce((sum, [start, end]) => sum + end - start, 0)).toBe(seen.size);
        let before = 0;
        for (const [start, end] of ranges) {
          expect(start).toBeGreaterThanOrEqual(before);
          before = end;
        }
        expect(before).toBeLessThanOrEqual(layout.size);
        expect(seen.entries.map(({ name }) => name)).toEqual(["a", "b", "c"]);
      }),
    );
  });

  it("are read from checkpoints in order", async () => {
    const folder = folders.make();
    const files = [join(folder, "1.safetensors"), join(folder, "2.safetensors")];
    const vectors = files.map((_, k) => Float32Array.from({ length: layout.size }, (_, i) => i + 0.5 * k));
    for (const [k, file] of files.entries()) await writeCheckpoint(file, layout, vectors[k]!);
    const view = sampleCoordinates(layout, 2, 40_000);
    const { values: rows } = await readSampledCoordinates(files, layout, view);
    const expected = vectors.flatMap((v) => view.ranges.flatMap(([start, end]) => [...v.subarray(start, end)]));
    expect(rows).toEqual(Float32Array.from(expected));
  });
});
