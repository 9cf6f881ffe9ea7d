import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../test/support/temporary-folders.ts";
import { writeSafetensors } from "./formats/safetensors/safetensors.ts";
import { surveyFiles } from "./survey.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

/** Writes a file of `torch.save`; its path. */
function torchFile(name: string): string {
  const cases = ["pth", "lightning"].map((of) => JSON.parse(readFileSync(`test/fixtures/${of}.json`, "utf8")));
  const { file } = cases.find((of) => name in of)[name];
  const path = join(folders.make(), "model.pth");
  writeFileSync(path, gunzipSync(Buffer.from(file, "base64")));
  return path;
}

/** Writes files of single tensors, each with two numbers. */
async function files(values: readonly Readonly<Record<string, readonly [number, number]>>[]): Promise<string[]> {
  const folder = folders.make();
  const paths = values.map((_, i) => join(folder, `${i}.safetensors`));
  for (const [i, path] of paths.entries())
    await writeSafetensors(
      path,
      Object.entries(values[i] ?? {}).map(([name, data]) => ({ name, shape: [2], data: Float32Array.from(data) })),
    );
  return paths;
}

describe("what differs between checkpoints", () => {
  it("is found bit by bit, so that NaN equals NaN", async () => {
    const { varying } = await surveyFiles(
      await files([
        { a: [1, Number.NaN], b: [1, 2] },
        { a: [1, Number.NaN], b: [1, 3] },
      ]),
    );
    expect([...varying]).toEqual(["b"]);
  });

  it("counts a tensor that another file lacks as different", async () => {
    const { varying } = await surveyFiles(await files([{ a: [1, 2], b: [3, 4] }, { a: [1, 2] }]));
    expect([...varying]).toEqual(["b"]);
  });
});

describe("tensors with the elements of another", () => {
  it("are those that share a storage, whole or in part", async () => {
    const { tied } = await surveyFiles([torchFile("tied weights")]);
    expect(tied.get("head.weight")).toBe("embedding.weight");
    const views = await surveyFiles([torchFile("views")]);
    expect(views.tied.get("tied")).toBe("base");
    expect(views.tied.get("rows")).toBe("base");
    expect(views.tied.get("transposed")).toBe("base");
    expect(views.tied.has("base")).toBe(false);
  });

  it("are those that are equal in all files and vary", async () => {
    const { tied } = await surveyFiles(
      await files([
        { a: [1, 2], b: [1, 2], c: [1, 2], still: [5, 6], same: [5, 6] },
        { a: [3, 4], b: [3, 4], c: [3, 5], still: [5, 6], same: [5, 6] },
      ]),
    );
    expect(Object.fromEntries(tied)).toEqual({ b: "a" });
  });
});
