import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../../test/support/temporary-folders.ts";
import { writeSafetensors } from "../../checkpoints/index.ts";
import { foldIn, key, normal } from "../../random/index.ts";
import { recipeForCheckpoints } from "../recipe-for-checkpoints.ts";
import { ownZoo } from "./zoo-files.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

type Values = Readonly<Record<string, readonly number[] | Float32Array>>;

/** Writes checkpoints of vectors; the folder. */
async function checkpoints(count: number, valuesOf: (k: number) => Values): Promise<string> {
  const folder = folders.make();
  for (let k = 0; k < count; k++)
    await writeSafetensors(
      join(folder, `step-${k}.safetensors`),
      Object.entries(valuesOf(k)).map(([name, values]) => ({
        name,
        shape: [values.length],
        data: Float32Array.from(values),
      })),
    );
  return folder;
}

const draw = (k: number, size = 6) => normal(foldIn(key(3), k), size);
const zooOf = (files: string, select = "all") =>
  ownZoo({ kind: "files", files, select, count: 2, heldOut: 0, key: undefined });
const names = ({ entries }: { readonly entries: readonly { readonly name: string }[] }) => entries.map((e) => e.name);

describe("a zoo of files", () => {
  it("warns where tensors differ between checkpoints that are not generated", async () => {
    const folder = await checkpoints(4, (k) => ({ "body.w": draw(k), "head.w": draw(k + 50), "still.w": [1, 2] }));
    const { layout, warnings, differing } = await zooOf(folder, "head.*");
    expect(names(layout)).toEqual(["head.w"]);
    expect(differing).toEqual(["body.w"]);
    expect(warnings.join()).toContain("a tensor differs between the checkpoints and is not generated: body.w");
    expect(warnings.join()).toContain("no original is measured as it is");
  });

  it("warns of nothing where all that differs is generated", async () => {
    const folder = await checkpoints(4, (k) => ({ "body.w": [1, 2], "head.w": draw(k) }));
    expect(await zooOf(folder, "head.*")).toMatchObject({ warnings: [], differing: [] });
  });

  it("leaves tensors alone that are the same in all, numbers that are not finite among them", async () => {
    const folder = await checkpoints(4, (k) => ({ w: draw(k), mask: [0, Number.NEGATIVE_INFINITY] }));
    const { layout, notes } = await zooOf(folder);
    expect(names(layout)).toEqual(["w"]);
    expect(notes).toEqual(["the same in all checkpoints, and left as they are: mask"]);
  });

  it("generates one of two tensors that are always equal", async () => {
    const folder = await checkpoints(4, (k) => ({ embedding: draw(k), other: draw(k + 50), head: draw(k) }));
    const { layout, tied, notes } = await zooOf(folder);
    expect(names(layout)).toEqual(["embedding", "other"]);
    expect(tied).toEqual({ head: "embedding" });
    expect(notes.join()).toContain("head follows embedding");
  });

  it("keeps apart tensors that are equal in the first checkpoint only", async () => {
    const folder = await checkpoints(4, (k) => ({
      a: k === 0 ? [1, 1] : draw(k, 2),
      b: k === 0 ? [1, 1] : draw(k + 50, 2),
    }));
    const { layout, tied } = await zooOf(folder);
    expect(names(layout)).toEqual(["a", "b"]);
    expect(tied).toEqual({});
  });

  it("counts copies out of what is learned from and held out", async () => {
    const folder = await checkpoints(22, (k) => ({ w: draw(k >= 20 ? k - 20 : k) }));
    const { recipe, notes } = await recipeForCheckpoints({ checkpoints: folder });
    expect(recipe.zoo.count + recipe.zoo.heldOut).toBe(20);
    expect(notes.join()).toContain("2 of 22 checkpoints are copies of others and are left out");
  });
});
