import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { writeSafetensors } from "../checkpoints/index.ts";
import { inspectSet } from "./inspect-set.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pdiff-inspect-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes checkpoints of a body that stays and of a head of two numbers. */
async function write(...heads: readonly (readonly [number, number])[]): Promise<void> {
  for (const [k, head] of heads.entries())
    await writeSafetensors(join(folder, `${k}.safetensors`), [
      { name: "body.weight", shape: [3], data: Float32Array.of(1, 2, 3) },
      { name: "head.weight", shape: [2], data: Float32Array.from(head) },
    ]);
}

describe("checkpoints that are compared", () => {
  it("differ by tensors, distances and directions", async () => {
    // Deviations of the heads from (4, 4): (±3, ±4), on one line.
    await write([7, 8], [1, 0], [7, 8], [1, 0]);
    const seen: number[] = [];
    const found = await inspectSet(folder, { onProgress: (done) => void seen.push(done) });
    expect(found.parameters).toBe(5);
    expect(seen).toEqual([3, 5]);
    const [body, head] = found.tensors;
    expect([body!.relative, body!.share, head!.share]).toEqual([0, 0, 1]);
    expect(head!.relative).toBeCloseTo(Math.sqrt((4 * 25) / (2 * (49 + 64) + 2 * 1)), 5);
    // Four of six pairs lie 10 apart, two are the same.
    expect(found.distance.median).toBeCloseTo(10, 4);
    expect(found.distance.consecutive).toBeCloseTo(10, 4);
    expect(found.dimensions).toEqual({ effective: expect.closeTo(1, 4), for95: 1, for99: 1 });
    expect(found.duplicates.map(({ files }) => files.map((file) => basename(file)))).toEqual([
      ["0.safetensors", "2.safetensors"],
      ["1.safetensors", "3.safetensors"],
    ]);
    expect(found.notes).toEqual(["4 checkpoints are few: a generator may learn them by heart; 50 or more are better"]);
    expect(found.suggestion.select).toBe("head.*");
  });

  it("are named with the tensors in which they are not finite, and compared as if these were 0", async () => {
    await write([1, 0], [0, Number.NaN], [0, 1]);
    const found = await inspectSet(folder, { select: "head.*" });
    expect(found.notFinite).toEqual([{ file: join(folder, "1.safetensors"), tensors: ["head.weight"] }]);
    // (1, 0), (0, 0) and (0, 1).
    expect(found.distance.median).toBeCloseTo(1, 5);
  });
});
