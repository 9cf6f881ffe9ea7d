import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../../../test/support/temporary-folders.ts";
import { withPlainFile } from "../plain-file.ts";
import { external, field, modelFile, tensorMessage } from "./onnx.fixture.ts";
import { readOnnxTensors } from "./onnx-tensors.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

function read(bytes: Uint8Array, beside: Readonly<Record<string, Uint8Array>> = {}) {
  const folder = folders.make();
  const path = join(folder, "model.onnx");
  writeFileSync(path, bytes);
  for (const [name, content] of Object.entries(beside)) writeFileSync(join(folder, name), content);
  return withPlainFile(path, (file) => readOnnxTensors(path, file));
}

const raw = (bytes: number) => field(9, new Uint8Array(bytes));

describe("the tensors of an ONNX model", () => {
  it("have the positions of their bytes in the model", async () => {
    const bytes = modelFile([tensorMessage("w", [2], [raw(8)])]);
    const { tensors } = await read(bytes);
    const { place, ...rest } = tensors.get("w") ?? {};
    expect(rest).toEqual({ dtype: "F32", shape: [2], count: 2 });
    expect(place).toEqual({ kind: "bytes", file: undefined, begin: bytes.length - 3 - 8, bytes: 8 });
  });

  it("have the file and position of their bytes when these lie beside the model", async () => {
    const places = { location: "data.bin", offset: "4", length: "8" };
    const bytes = modelFile([tensorMessage("w", [2], [external(places)])]);
    const { tensors } = await read(bytes, { "data.bin": new Uint8Array(12) });
    expect(tensors.get("w")?.place).toEqual({ kind: "bytes", file: "data.bin", begin: 4, bytes: 8 });
  });

  it("have a list when their values are varints", async () => {
    const { tensors } = await read(modelFile([tensorMessage("w", [2], [field(7, Uint8Array.of(1, 2))], 7)]));
    expect(tensors.get("w")).toMatchObject({ dtype: "I64", place: { kind: "list", list: { length: 2 } } });
  });

  it("have no place when they are empty or of a type that is not read", async () => {
    const { tensors } = await read(
      modelFile([tensorMessage("empty", [0], []), tensorMessage("text", [1], [field(6, "a")], 8)]),
    );
    expect([...tensors.values()].map(({ dtype, place }) => [dtype, place])).toEqual([
      ["F32", undefined],
      ["STRING", undefined],
    ]);
  });

  it("come with the metadata of the model", async () => {
    const { metadata } = await read(modelFile([tensorMessage("w", [1], [raw(4)])], field(2, "a tool")));
    expect(metadata).toMatchObject({ ir_version: "9", producer_name: "a tool" });
  });

  it.each([
    ["is missing", "gone.bin", "which is not there"],
    ["lies outside of the folder", "../data.bin", "outside of the model's folder"],
  ])("throws when an external file %s", async (_, location, problem) => {
    const bytes = modelFile([tensorMessage("w", [1], [external({ location })])]);
    await expect(read(bytes)).rejects.toThrow(problem);
  });
});
