/**
 * Checkpoints of a process that is known: a body that all share, and heads about an ideal one. The
 * nearer a head lies to it, the better the network.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { openFile, writeSafetensors } from "../checkpoints/index.ts";
import { foldIn, key, normal } from "../random/index.ts";

/** Numbers of a head, and how far they scatter. */
const SIZE = 40;
const SPREAD = 0.1;

const ideal = normal(key(7), SIZE);
const body = normal(key(1), 12);

/** The head of the `k`-th network of the process. */
const headOf = (k: number): Float32Array => {
  const moves = normal(foldIn(key(8), k), SIZE);
  return ideal.map((x, i) => x + SPREAD * (moves[i] ?? 0));
};

/** Writes networks of the process into a new folder, which it gives back. */
export async function writeNetworks(
  folder: string,
  networks: readonly number[],
  { own = body, noise = 0 }: { readonly own?: Float32Array; readonly noise?: number } = {},
): Promise<string> {
  mkdirSync(folder, { recursive: true });
  for (const [i, k] of networks.entries()) {
    const moves = normal(foldIn(key(9), k), SIZE);
    const head = headOf(k).map((x, j) => x + noise * (moves[j] ?? 0));
    await writeSafetensors(join(folder, `net-${i + 1}.safetensors`), [
      { name: "body", shape: [3, 4], data: own },
      { name: "head.weight", shape: [4, 8], data: head.subarray(0, 32) },
      { name: "head.bias", shape: [8], data: head.subarray(32) },
    ]);
  }
  return folder;
}

/** Whole numbers from the first one on. */
export const from = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);

/** How far a checkpoint's head lies from the ideal one. */
export async function lossOf(path: string): Promise<number> {
  const file = await openFile(path);
  const [weight, bias] = [new Float32Array(32), new Float32Array(8)];
  await file.readFloats("head.weight", 0, weight);
  await file.readFloats("head.bias", 0, bias);
  await file.close();
  return Math.hypot(...[...weight, ...bias].map((x, i) => x - (ideal[i] ?? 0)));
}
