import { createHash } from "node:crypto";

import { expect, it } from "vitest";

import { dataFolder, refusal } from "./data-folder.fixture.ts";
import { findFolder, listedFiles, readText, requireFiles } from "./photo-files.ts";

const { path, write } = dataFolder();

it("finds the first folder that exists, and says how to get the set where none does", () => {
  write("pets/list.txt", "");
  expect(findFolder("pets", ["oxford-iiit-pet", "pets"], path())).toBe(path("pets"));
  expect(() => findFolder("food-101", ["food-101"], path())).toThrow(
    `food-101 is read from files, and there is no ${path("food-101")}; get it: pdiff data get food-101, or set PDIFF_DATA=DIR where DIR/food-101 holds it`,
  );
  expect(() => findFolder("pets", ["pets"], undefined, "ask for it")).toThrow(
    "pets is read from files, and no data folder is known; ask for it",
  );
});

it("reads a text with its checksum, or names the file that cannot be read", async () => {
  write("pets/list.txt", "a b\n");
  const sha256 = createHash("sha256").update("a b\n").digest("hex");
  expect(await readText(path("pets/list.txt"), path())).toEqual({
    text: "a b\n",
    source: { file: "pets/list.txt", sha256 },
  });
  await expect(readText(path("none.txt"), path())).rejects.toMatchObject(
    refusal(/none\.txt cannot be read: there is no such file; get the file again/),
  );
});

it("counts the listed files that a folder lacks", async () => {
  write("pets/images/a.jpg", "");
  await requireFiles("pets", path("pets"), "images", ["images/a.jpg"]);
  await expect(
    requireFiles("pets", path("pets"), "images", ["images/a.jpg", "images/b.jpg", "images/c.jpg"]),
  ).rejects.toMatchObject(refusal(/lacks 2 of the 3 images in its lists, such as images\/b\.jpg/));
});

it("keeps the order of a list", () => {
  const { files, labels } = listedFiles("pets", [
    { file: "b", label: 7 },
    { file: "a", label: 3 },
  ]);
  expect([files, [...labels]]).toEqual([
    ["b", "a"],
    [7, 3],
  ]);
});
