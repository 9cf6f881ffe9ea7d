import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { CheckpointFile } from "./formats/checkpoint-file.ts";
import { openFile } from "./formats/open-file.ts";
import { writeSafetensors } from "./formats/safetensors/safetensors.ts";
import { hasOtherElements } from "./other-elements.ts";

let folder: string;
let file: CheckpointFile;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pdiff-other-"));
  const path = join(folder, "a.safetensors");
  await writeSafetensors(path, [{ name: "w", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }]);
  file = await openFile(path);
});
afterAll(async () => {
  await file.close();
  rmSync(folder, { recursive: true });
});

const expected = (name: string, ...values: number[]) => ({
  name,
  count: values.length,
  read: async (start: number, into: Float32Array) => into.set(values.slice(start, start + into.length)),
});

describe("a tensor of a file", () => {
  it.each([
    ["has other elements when one differs", expected("w", 1, 2, 3, 5), true],
    ["has other elements when there are fewer", expected("w", 1, 2, 3, 4, 5), true],
    ["has the same when all are equal", expected("w", 1, 2, 3, 4), false],
    ["has none when the file lacks it", expected("b", 1, 2, 3, 4), false],
  ] as const)("%s", async (_, tensor, others) => {
    expect(await hasOtherElements(file, tensor)).toBe(others);
  });
});
