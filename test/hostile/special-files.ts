/** Things at the paths of files that are no files, for every reader: pipes, devices, sockets. */
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import { type Hostile, linkTo, namedPipe, type Reader } from "./hostile.ts";

/** The readers, with the names of files that they read. */
const FILES: readonly (readonly [Reader, readonly string[]])[] = [
  ["checkpoint", ["a.pth", "a.safetensors", "a.npz", "a.npy", "a.onnx", "a.zip", "model.safetensors.index.json"]],
  ["network", ["a.onnx"]],
  ["archive", ["a.tar"]],
  ["recipe", ["a.yaml"]],
  ["image", ["a.png"]],
  ["idx", ["a.idx"]],
  ["matlab", ["a.mat"]],
];

/** A socket that nobody listens on any more, but that is there. */
async function socket(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  server.unref();
}

const THINGS: readonly (readonly [name: string, make: (path: string) => void | Promise<void>])[] = [
  ["a named pipe", namedPipe],
  [
    "a link to a named pipe",
    (path) => {
      namedPipe(`${path}.pipe`);
      linkTo(`${path}.pipe`, path);
    },
  ],
  ["a device", (path) => linkTo("/dev/zero", path)],
  ["a socket", socket],
  ["a folder", (path) => void mkdirSync(path)],
  ["a link to itself", (path) => linkTo(path, path)],
];

/** All of them. */
export const specialFiles: readonly Hostile[] = FILES.flatMap(([reader, files]) =>
  files.flatMap((file) =>
    THINGS.map(
      ([name, place]): Hostile => ({
        name: `${reader}: ${name} as ${file}`,
        reader,
        async make(folder) {
          const path = join(folder, file);
          await place(path);
          return path;
        },
      }),
    ),
  ),
);
