import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { Interrupted } from "../../errors.ts";
import { decodeImage } from "./decode.ts";
import { type PackOptions, packImages } from "./pack.ts";
import { openPixels, selectPixels } from "./pixels.ts";

const COUNT = 600;
let folder: string;
let cache: string;
const files = Array.from({ length: COUNT }, (_, i) => `${i % 3}/${i}.png`);
const labels = Uint16Array.from(files, (_, i) => i % 3);
const images = () => ({ folder, files, labels });

beforeEach(async () => {
  const root = await mkdtemp(join(tmpdir(), "pdiff-pack-"));
  folder = join(root, "images");
  cache = join(root, "cache");
  for (const name of ["0", "1", "2"]) mkdirSync(join(folder, name), { recursive: true });
  // Twelve images of different sizes, written again and again.
  const made = await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      sharp({ create: { width: 2 + i, height: 9 - (i % 5), channels: 3, background: { r: 20 * i, g: 5, b: 250 - i } } })
        .png()
        .toBuffer(),
    ),
  );
  for (const [i, file] of files.entries()) writeFileSync(join(folder, file), made[i % 12]!);
});
afterEach(() => rm(join(folder, ".."), { recursive: true }));

const pack = (more: Partial<PackOptions> = {}) => packImages({ images: images(), cache, corrupt: "fail", ...more });
const packFile = () => readdirSync(cache).find((name) => name.endsWith(".pack"))!;

describe("packImages", () => {
  it("stores decoded images in the order of the list", async () => {
    const { pixels, labels: kept, skipped } = await pack();
    expect(skipped).toEqual([]);
    expect([...kept]).toEqual([...labels]);
    const reader = openPixels(pixels);
    for (const i of [0, 1, 299, COUNT - 1])
      expect(reader.read(i)).toEqual(await decodeImage(readFileSync(join(folder, files[i]!)), ""));
    reader.close();
    const some = openPixels(selectPixels(pixels, Int32Array.of(5, 2)));
    expect(some.read(1)).toEqual(await decodeImage(readFileSync(join(folder, files[2]!)), ""));
    some.close();
  });

  it("decodes again only when a file changes", async () => {
    await pack();
    const seen: number[] = [];
    const onProgress = (done: number) => void seen.push(done);
    await pack({ onProgress });
    expect(seen).toEqual([]);
    utimesSync(join(folder, files[7]!), 1, 1);
    await pack({ onProgress });
    expect(seen.at(-1)).toBe(COUNT);
  });

  it("decodes again when the decoded file is cut short or removed", async () => {
    const first = await pack();
    const whole = readFileSync(first.pixels.file);
    truncateSync(first.pixels.file, 100);
    await pack();
    expect(readFileSync(first.pixels.file).equals(whole)).toBe(true);
    rmSync(first.pixels.file);
    await pack();
    expect(readFileSync(first.pixels.file).equals(whole)).toBe(true);
  });

  it("resumes after an interruption, to the same bytes", async () => {
    const whole = readFileSync((await pack()).pixels.file);
    rmSync(cache, { recursive: true });
    const controller = new AbortController();
    const onProgress = (done: number) => void (done > 300 && controller.abort());
    await expect(pack({ onProgress, signal: controller.signal })).rejects.toThrow(Interrupted);
    const seen: number[] = [];
    const { pixels } = await pack({ onProgress: (done) => void seen.push(done) });
    expect(seen[0]).toBeGreaterThan(256);
    expect(readFileSync(pixels.file).equals(whole)).toBe(true);
    expect(readdirSync(cache).filter((name) => !/\.(pack|json)$/.test(name))).toEqual([]);
  });

  it("gives the same result when two processes decode at once", async () => {
    const [one, two] = await Promise.all([pack(), pack()]);
    expect(one).toEqual(two);
    expect(readFileSync(join(cache, packFile())).length).toBe(
      one.pixels.heights.reduce((sum, height, i) => sum + 3 * height * one.pixels.widths[i]!, 0),
    );
  });

  it("stores smaller images when asked to", async () => {
    const { pixels } = await pack({ side: 4 });
    for (const [i, height] of pixels.heights.entries())
      expect(Math.min(height, pixels.widths[i]!)).toBeLessThanOrEqual(4);
  });
});

describe("a file that cannot be decoded", () => {
  beforeEach(() => writeFileSync(join(folder, files[301]!), readFileSync(join(folder, files[301]!)).subarray(0, 60)));

  it("is named in the error, with advice", async () => {
    await expect(pack()).rejects.toMatchObject({
      code: "E_DATA",
      message: expect.stringMatching(
        /^1 of 600 images cannot be used: .*1\/301\.png .*; mend or remove them, or leave them out with data\.corrupt=skip$/,
      ),
    });
    // It is known now, and need not be decoded to be refused again.
    await expect(pack()).rejects.toMatchObject({ code: "E_DATA" });
  });

  it("is skipped and counted when asked to, and later files keep their labels", async () => {
    const { pixels, labels: kept, skipped } = await pack({ corrupt: "skip" });
    expect(skipped).toEqual([{ file: "1/301.png", problem: expect.any(String) }]);
    expect([kept.length, kept[300], kept[301]]).toEqual([COUNT - 1, labels[300], labels[302]]);
    const reader = openPixels(pixels);
    expect(reader.read(301)).toEqual(await decodeImage(readFileSync(join(folder, files[302]!)), ""));
    reader.close();
  });

  it("is an error when its class has no other image", async () => {
    const lone = { folder, files: [files[0]!, files[301]!], labels: Uint16Array.of(0, 1) };
    await expect(packImages({ images: lone, cache, corrupt: "skip" })).rejects.toMatchObject({
      message: expect.stringMatching(/no image of class 1 can be decoded/),
    });
  });
});

it("names a file that is a pipe, and does not wait for it", async () => {
  rmSync(join(folder, files[3]!));
  execFileSync("mkfifo", [join(folder, files[3]!)]);
  await expect(pack()).rejects.toMatchObject({
    code: "E_DATA",
    message: expect.stringMatching(/0\/3\.png cannot be read: it is a named pipe, not a plain file/),
  });
});

it("names a file that is missing", async () => {
  rmSync(join(folder, files[3]!));
  await expect(pack()).rejects.toMatchObject({
    code: "E_DATA",
    message: expect.stringMatching(/0\/3\.png is missing/),
  });
});
