import { join } from "node:path";

import { afterAll, expect, it } from "vitest";

import { temporaryFolders } from "../../test/support/temporary-folders.ts";
import { layoutOf } from "../layout/index.ts";
import { copiesNote, distinctFiles } from "./copies.ts";
import { openVector } from "./flat-vector.ts";
import { writeSafetensors } from "./formats/safetensors/safetensors.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const SIZE = 9000;
const layout = layoutOf([{ name: "w", shape: [SIZE] }]);

/** Writes networks that are all zeros but for one number each; their paths. */
async function files(places: Readonly<Record<string, number>>): Promise<string[]> {
  const folder = folders.make();
  const paths = [];
  for (const [name, place] of Object.entries(places)) {
    const data = new Float32Array(SIZE);
    data[place] = 1;
    const path = join(folder, `${name}.safetensors`);
    await writeSafetensors(path, [{ name: "w", shape: [SIZE], data }], { name });
    paths.push(path);
  }
  return paths;
}

it("leaves out files that repeat another, and keeps the one with a number in its name", async () => {
  const [best, one, two, last] = (await files({ best: 0, "step-1": 0, "step-2": 700, last: 700 })) as [
    string,
    string,
    string,
    string,
  ];
  const all = [best, one, two, last];
  const found = await distinctFiles(all, { size: SIZE, open: (file) => openVector(file, layout) });
  expect(found.files).toEqual([one, two]);
  expect(found.copies).toEqual(
    new Map([
      [best, one],
      [last, two],
    ]),
  );
  expect(copiesNote(found.copies, 4)).toEqual([
    "2 of 4 checkpoints are copies of others and are left out: best.safetensors (of step-1.safetensors), last.safetensors (of step-2.safetensors)",
  ]);
});

it("keeps files that differ in a single number, wherever it is", async () => {
  const all = await files({ a: 0, b: 1, c: 300, d: 301, e: SIZE - 1, f: SIZE - 2 });
  const found = await distinctFiles(all, { size: SIZE, open: (file) => openVector(file, layout) });
  expect(found.files).toEqual(all);
  expect(copiesNote(found.copies, all.length)).toEqual([]);
});
