/** A temporary data folder with a cache of its own, for tests of data sets. */
import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import sharp from "sharp";
import { afterEach, beforeEach, expect, vi } from "vitest";

import type { DataSet } from "../data-set.ts";
import { type DataOptions, loadData } from "../load.ts";

/** The folder of real data sets; tests that need one are skipped without it. */
export const realData = process.env.PDIFF_DATA ?? fileURLToPath(new URL("../../../../shared/data", import.meta.url));

/** A data folder that each test of a file finds empty. */
export interface DataFolder {
  path(...names: readonly string[]): string;
  write(path: string, content: string | Uint8Array): void;
  /** Loads a set with a validation split of one image. */
  load(options: Partial<DataOptions> & { readonly name: string }): Promise<DataSet>;
}

/** Makes the folder before each test and removes it afterwards. */
export function dataFolder(): DataFolder {
  let root = "";
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "pdiff-sets-"));
    vi.stubEnv("PDIFF_CACHE", join(root, "cache"));
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(root, { recursive: true });
  });
  return {
    path: (...names) => join(root, ...names),
    write(path, content) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    },
    load: (options) => loadData({ root, selection: 1, pad: 0, seed: 0, size: 8, ...options }),
  };
}

/** A small JPEG of one colour. */
export const jpeg = (red: number): Promise<Buffer> =>
  sharp({ create: { width: 12, height: 10, channels: 3, background: { r: red, g: 9, b: 9 } } })
    .jpeg()
    .toBuffer();

/** What a refused data set throws. */
export const refusal = (message: RegExp): object => ({ code: "E_DATA", message: expect.stringMatching(message) });
