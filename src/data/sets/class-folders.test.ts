import { symlinkSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { classFolders, countImages, filesOf, namesIn } from "./class-folders.ts";
import { dataFolder, refusal } from "./data-folder.fixture.ts";

const { path, write } = dataFolder();

/** Two classes, with files that are no images, hidden folders and files beside them. */
const fill = () => {
  for (const file of ["b/2.png", "b/10.JPEG", "b/notes.txt", "B/1.webp", ".git/1.png", "readme.md"]) write(file, "");
};

describe("class folders", () => {
  it("are the visible folders, sorted by code units", () => {
    fill();
    expect(classFolders(path())).toEqual(["B", "b"]);
  });

  it("hold images by their names' endings, sorted within each class", async () => {
    fill();
    expect(countImages(path(), ["B", "b"])).toBe(3);
    const { folder, files, labels } = await filesOf(path(), ["B", "b"]);
    expect([folder, files, [...labels]]).toEqual([path(), ["B/1.webp", "b/10.JPEG", "b/2.png"], [0, 1, 1]]);
  });

  it("hold the images of folders below them, and none that are hidden", async () => {
    for (const file of ["a/3.bmp", "a/more/1.tif", "a/more/deep/2.PPM", "a/._3.bmp", "a/.more/4.png"]) write(file, "");
    expect(countImages(path(), ["a"])).toBe(3);
    const { files } = await filesOf(path(), ["a"]);
    expect(files).toEqual(["a/3.bmp", "a/more/1.tif", "a/more/deep/2.PPM"]);
  });

  it("are read once where a link leads back to them", async () => {
    write("a/1.png", "");
    symlinkSync(path("a"), path("a", "again"));
    expect(countImages(path(), ["a"])).toBe(1);
  });

  it("are refused when they cannot be read or hold no image", async () => {
    const none = path("none");
    expect(() => classFolders(none)).toThrow(`${none} cannot be read (ENOENT), expected a folder for each class`);
    expect(() => countImages(path(), ["none"])).toThrow(`${none} cannot be read (ENOENT), expected a folder of images`);
    await expect(filesOf(path(), ["none"])).rejects.toMatchObject(refusal(/none holds no image .* or remove that/));
  });

  it("have no names where there is no folder", async () => {
    fill();
    expect(await namesIn(path("B"))).toEqual(new Set(["1.webp"]));
    expect(await namesIn(path("none"))).toEqual(new Set());
  });
});
