import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../../test/support/temporary-folders.ts";
import { writeSafetensors } from "../../checkpoints/index.ts";
import { layoutOf } from "../../layout/index.ts";
import { resolveRecipe } from "../../recipe/index.ts";
import { from, writeNetworks } from "../checkpoint-world.fixture.ts";
import { sampleFiles } from "./sample-files.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

let samples: string;
beforeAll(async () => {
  samples = await writeNetworks(join(folders.make(), "c"), [0, 1, 1]);
});

const recipeOf = (count: number) =>
  resolveRecipe(
    {
      name: "own",
      zoo: { kind: "files", files: "a", count: 4 },
      generator: "files",
      sample: { files: samples, count },
    },
    "a test",
  );
const head = layoutOf([{ name: "head.bias", shape: [8] }]);

describe("the files of samples", () => {
  it("are as many as the recipe says, in the order of their numbers, with copies", async () => {
    const { files, open } = await sampleFiles(recipeOf(3), head);
    expect(files.map((file) => file.slice(samples.length + 1))).toEqual(from(1, 3).map((i) => `net-${i}.safetensors`));
    const reader = await open(files[0] ?? "");
    const vector = new Float32Array(8);
    await reader.read(0, 8, vector);
    await reader.close();
    expect(vector.some((x) => x !== 0)).toBe(true);
    expect((await sampleFiles(recipeOf(2), head)).files).toHaveLength(2);
  });

  it("are refused when there are too few", async () => {
    await expect(sampleFiles(recipeOf(4), head)).rejects.toThrow("there are 3 samples (sample.files)");
  });

  it("are refused when one does not fit, with what it is and what was expected", async () => {
    await writeSafetensors(join(samples, "net-4.safetensors"), [
      { name: "head.bias", shape: [9], data: new Float32Array(9) },
    ]);
    await expect(sampleFiles(recipeOf(4), head)).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringMatching(/net-4\.safetensors does not fit: head\.bias is \[9\], expected \[8\]/),
    });
  });
});
