import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../../test/support/temporary-folders.ts";
import { key, normal } from "../../random/index.ts";
import { openFile, rewriteFile } from "./open-file.ts";
import { writeSafetensors } from "./safetensors/safetensors.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const INDEX = "model.safetensors.index.json";
const shards = {
  "model-00001-of-00002.safetensors": { a: normal(key(1), 6), b: normal(key(2), 2) },
  "model-00002-of-00002.safetensors": { c: normal(key(3), 4) },
};
type WeightMap = Readonly<Record<string, string>>;
const sound: WeightMap = Object.fromEntries(
  Object.entries(shards).flatMap(([file, tensors]) => Object.keys(tensors).map((name) => [name, file])),
);

/** A checkpoint in two files, with an index that may say anything. */
async function put(index: unknown = { metadata: { total_size: 48 }, weight_map: sound }): Promise<string> {
  const folder = folders.make();
  for (const [file, tensors] of Object.entries(shards))
    await writeSafetensors(
      join(folder, file),
      Object.entries(tensors).map(([name, data]) => ({ name, shape: [data.length], data })),
    );
  writeFileSync(join(folder, INDEX), typeof index === "string" ? index : JSON.stringify(index));
  return folder;
}

async function valuesOf(path: string, name: string): Promise<Float32Array> {
  const file = await openFile(path);
  const values = new Float32Array(file.tensors.get(name)!.count);
  await file.readFloats(name, 0, values);
  await file.close();
  return values;
}

describe("a checkpoint in shards", () => {
  it.each(["its folder", "its index"])("is opened by %s, as one", async (by) => {
    const folder = await put();
    const path = by === "its folder" ? folder : join(folder, INDEX);
    const { tensors, format, close } = await openFile(path);
    await close();
    expect(format).toBe("safetensors");
    expect([...tensors.keys()]).toEqual(["a", "b", "c"]);
    expect(await valuesOf(path, "c")).toEqual(shards["model-00002-of-00002.safetensors"].c);
  });

  it("is copied with other values into a folder, and nothing else changes", async () => {
    const [folder, to] = [await put(), join(folders.make(), "copy")];
    const other = normal(key(9), 2);
    await rewriteFile(folder, to, new Map([["b", other]]));
    expect(readdirSync(to).sort()).toEqual(readdirSync(folder).sort());
    for (const file of [INDEX, "model-00002-of-00002.safetensors"])
      expect(readFileSync(join(to, file))).toEqual(readFileSync(join(folder, file)));
    expect(await valuesOf(to, "b")).toEqual(other);
    expect(await valuesOf(to, "a")).toEqual(shards["model-00001-of-00002.safetensors"].a);
    await expect(rewriteFile(folder, to, new Map([["d", other]]))).rejects.toThrow("there is no tensor d to replace");
  });

  it.each<[string, unknown, string]>([
    ["no JSON", "{", "it is not JSON"],
    ["no map", { metadata: {} }, "it has no weight_map from tensors to files"],
    ["an empty map", { weight_map: {} }, "it names 0 files"],
    ["numbers for files", { weight_map: { a: 1 } }, "it has no weight_map from tensors to files"],
    ["a file above", { weight_map: { ...sound, c: "../secret.safetensors" } }, "expected a file beside it"],
    ["a file anywhere", { weight_map: { ...sound, c: "/etc/passwd" } }, "expected a file beside it"],
    ["a file of Windows above", { weight_map: { ...sound, c: "..\\secret.safetensors" } }, "expected a file beside it"],
    ["the folder itself", { weight_map: { ...sound, c: "." } }, "cannot read"],
    ["the folder above", { weight_map: { ...sound, c: ".." } }, "expected a file beside it"],
    ["a file that is not there", { weight_map: { ...sound, c: "model-3.safetensors" } }, "model-3.safetensors"],
    ["a tensor in the wrong file", { weight_map: { ...sound, c: "model-00001-of-00002.safetensors" } }, "lack c"],
    ["a tensor that no file has", { weight_map: { ...sound, d: "model-00002-of-00002.safetensors" } }, "lack d"],
    [
      "less than its files hold",
      { weight_map: { a: "model-00001-of-00002.safetensors" } },
      "hold b, which it does not name",
    ],
    [
      "more files than there can be",
      { weight_map: Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`${i}`, `${i}`])) },
      "it names 10001 files",
    ],
  ])("whose index has %s is refused", async (_, index, problem) => {
    await expect(openFile(join(await put(index), INDEX))).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringContaining(problem),
    });
  });

  it("is refused where the index names a tensor that objects lose", async () => {
    const folder = folders.make();
    const index = join(folder, "model.safetensors.index.json");
    writeFileSync(index, '{"weight_map": {"w": "a.safetensors", "__proto__": "a.safetensors"}}');
    await expect(openFile(index)).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringContaining("it names a tensor __proto__"),
    });
  });

  it("is none where a folder has two indices, or an index is a folder", async () => {
    const folder = await put();
    writeFileSync(join(folder, "other.index.json"), "{}");
    await expect(openFile(folder)).rejects.toMatchObject({ code: "E_CHECKPOINT" });
    const odd = folders.make();
    mkdirSync(join(odd, INDEX));
    await expect(openFile(join(odd, INDEX))).rejects.toMatchObject({ code: "E_CHECKPOINT" });
  });

  it("may have files that are links, as downloaded ones do", async () => {
    const folder = await put();
    const linked = folders.make();
    for (const name of readdirSync(folder)) symlinkSync(join(folder, name), join(linked, name));
    expect(await valuesOf(linked, "a")).toEqual(shards["model-00001-of-00002.safetensors"].a);
  });
});
