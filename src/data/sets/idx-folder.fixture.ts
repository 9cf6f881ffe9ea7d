/** A data folder with small IDX files, for tests. */
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import type { DataSet } from "../data-set.ts";
import { encodeIdx } from "../idx.fixture.ts";
import type { DataOptions } from "../load.ts";
import { dataFolder } from "./data-folder.fixture.ts";

/** The pixels of the training and test images. */
export const trainImages = Uint8Array.from({ length: 6 * 2 * 3 }, (_, i) => i + 1);
export const testImages = Uint8Array.from({ length: 2 * 2 * 3 }, (_, i) => 100 + i);

/** What the files are, where they differ from MNIST's. */
export interface IdxParts {
  readonly folder?: string;
  readonly prefixes?: readonly [string, string];
  readonly zip?: boolean;
  readonly trainLabels?: readonly number[];
  readonly testShape?: readonly number[];
  /** The name of a file that is left out. */
  readonly without?: string;
}

/** A data folder that each test of a file finds empty. */
export interface IdxFolder {
  path(...names: readonly string[]): string;
  /** Writes six training and two test images of 2 × 3 pixels. */
  write(parts?: IdxParts): void;
  /** Loads a set, MNIST by default, with a validation split of two images. */
  load(options?: Partial<DataOptions>): Promise<DataSet>;
}

/** Makes the folder before each test and removes it afterwards. */
export function idxFolder(): IdxFolder {
  const { path, write, load } = dataFolder();
  return {
    path,
    write({
      folder = "mnist",
      prefixes: [train, test] = ["train", "t10k"],
      zip = false,
      trainLabels = [0, 1, 0, 1, 0, 1],
      testShape = [2, 2, 3],
      without,
    } = {}) {
      const files: [string, Buffer][] = [
        [`${train}-images-idx3-ubyte`, encodeIdx([6, 2, 3], trainImages)],
        [`${train}-labels-idx1-ubyte`, encodeIdx([trainLabels.length], Uint8Array.from(trainLabels))],
        [`${test}-images-idx3-ubyte`, encodeIdx(testShape, testImages)],
        [`${test}-labels-idx1-ubyte`, encodeIdx([2], Uint8Array.of(9, 8))],
      ];
      for (const [name, bytes] of files)
        if (name !== without) write(join(folder, zip ? `${name}.gz` : name), zip ? gzipSync(bytes) : bytes);
    },
    load: (options) => load({ name: "mnist", selection: 2, size: undefined, ...options }),
  };
}
