/** Gives hostile inputs to the parts of the program that read what others made. */
import { basename, dirname, join } from "node:path";

import { openFile } from "../../src/checkpoints/index.ts";
import { readIdx } from "../../src/data/idx.ts";
import { packImages } from "../../src/data/images/pack.ts";
import { readMatlab } from "../../src/data/matlab.ts";
import { input } from "../../src/graph/index.ts";
import { trace } from "../../src/nn/index.ts";
import { loadRecipe } from "../../src/recipe/index.ts";
import { unpackRun } from "../../src/run/index.ts";
import { networkOf } from "../../src/task-network/index.ts";
import type { Reader } from "./hostile.ts";

/** Numbers that are read of one tensor. */
const MAX_READ = 2 ** 20;

/** Reads an input as a user would make the program read it. */
export const readers: Readonly<Record<Reader, (path: string) => Promise<unknown>>> = {
  async checkpoint(path) {
    const file = await openFile(path);
    try {
      for (const [name, { count }] of file.tensors)
        await file.readFloats(name, 0, new Float32Array(Math.min(count, MAX_READ)));
    } finally {
      await file.close();
    }
  },
  async network(path) {
    const network = networkOf({ name: "onnx", file: path } as Parameters<typeof networkOf>[0]);
    trace((at) => network(at, input("images", [2, 3]), 3), { training: false });
  },
  archive: (path) => unpackRun(path, join(dirname(path), "unpacked")),
  recipe: (path) => loadRecipe(path),
  image: (path) =>
    packImages({
      images: { folder: dirname(path), files: [basename(path)], labels: Uint16Array.of(0) },
      cache: join(dirname(path), "cache"),
      corrupt: "fail",
    }),
  idx: (path) => readIdx(path, 3),
  matlab: (path) => readMatlab(path),
};
