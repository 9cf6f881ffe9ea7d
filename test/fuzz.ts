/**
 * npm run fuzz [-- COUNT [SEED]]
 *
 * Feeds damaged files, and random ones that are well formed, to every reader: each must be read, or
 * refused as a user's mistake, soon and in bounded memory. Anything else ends the program and keeps
 * the input as a file. A thousand inputs are part of the tests.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFile } from "../src/checkpoints/index.ts";
import { UserError } from "../src/errors.ts";
import { input, instantiate, parseOnnx } from "../src/graph/index.ts";
import { foldIn, integers, type Key, key } from "../src/random/index.ts";
import { readers } from "./hostile/readers.ts";
import { mutate, type Seed, safetensorsSeed, seeds } from "./support/mutations.ts";
import { structure } from "./support/structures.ts";

/** Longer than this is a hang. */
const MAX_MS = 10_000;

/** Numbers that a reader is asked for of one file. */
const MAX_READ = 2 ** 22;

/** Every fourth input is not damaged, but random and well formed. */
const STRUCTURE_EVERY = 4;

/** What became of damaged files. */
export interface Fuzzed {
  readonly read: number;
  readonly refused: number;
  readonly slowestMs: number;
  readonly peakBytes: number;
}

/** Feeds damaged files to the readers. */
export async function fuzz(count: number, seed = 1, onProgress: (done: number) => void = () => {}): Promise<Fuzzed> {
  const folder = mkdtempSync(join(tmpdir(), "pdiff-fuzz-"));
  const all = [...seeds(), ...Array.from({ length: 8 }, safetensorsSeed)];
  let [read, refused, slowestMs, peakBytes] = [0, 0, 0, 0];
  try {
    for (let i = 0; i < count; i++) {
      const { name, ending, bytes: damaged, read: readIt } = inputOf(all, foldIn(key(seed), "input", i), i);
      const path = join(folder, `a${ending}`);
      writeFileSync(path, damaged);
      const began = performance.now();
      try {
        await readIt(path);
        read++;
      } catch (error) {
        if (!(error instanceof UserError) || error.message.length > 4000) {
          const kept = join(tmpdir(), `pdiff-fuzz-${seed}-${i}${ending}`);
          writeFileSync(kept, damaged);
          throw new Error(`input ${i} of seed ${seed} (${name}), kept as ${kept}`, { cause: error });
        }
        refused++;
      }
      rmSync(join(folder, "unpacked"), { recursive: true, force: true });
      const took = performance.now() - began;
      if (took > MAX_MS) throw new Error(`input ${i} of seed ${seed} (${name}) took ${took} ms`);
      slowestMs = Math.max(slowestMs, took);
      if (i % 100 === 0) peakBytes = Math.max(peakBytes, process.memoryUsage().rss);
      onProgress(i + 1);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { read, refused, slowestMs, peakBytes };
}

/** An input, and how it is read. */
interface Input {
  readonly name: string;
  readonly ending: string;
  readonly bytes: Uint8Array;
  readonly read: (path: string) => Promise<unknown>;
}

/** Input `i`: a damaged file, or a random one that is well formed. */
function inputOf(all: readonly Seed[], own: Key, i: number): Input {
  if (i % STRUCTURE_EVERY === 0) {
    const { reader, ending, bytes } = structure(own);
    return { name: `structure for ${reader}`, ending, bytes, read: readers[reader] };
  }
  const [a, b] = integers(foldIn(own, "which"), 2, all.length) as unknown as [number, number];
  const { ending, name, bytes } = all[a]!;
  const damaged = mutate(bytes, all[b]!.bytes, own);
  return { name, ending, bytes: damaged, read: (path) => readAll(path, damaged, ending) };
}

/** Builds the graph of a model for two images, or does not. */
function buildGraph(bytes: Uint8Array): void {
  try {
    build(bytes);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
}

function build(bytes: Uint8Array): void {
  const model = parseOnnx(bytes);
  const inputs = model.inputs.map(({ name, shape, dtype }) => {
    const fed = shape.map((d) => (typeof d === "number" ? Math.min(d, 2 ** 12) : 2));
    return [name, input(name, fed, dtype)] as const;
  });
  instantiate(model, { inputs: Object.fromEntries(inputs) });
}

/** Reads whatever a file has; of an ONNX model, the graph is built as well. */
async function readAll(path: string, bytes: Uint8Array, ending: string): Promise<void> {
  if (ending === ".onnx") buildGraph(bytes);
  const file = await openFile(path);
  try {
    for (const [name, { count }] of file.tensors)
      await file.readFloats(name, 0, new Float32Array(Math.min(count, MAX_READ)));
  } finally {
    await file.close();
  }
}

if (process.argv[1]?.endsWith("fuzz.ts")) {
  const [count = "100000", seed = "1"] = process.argv.slice(2);
  const every = Math.max(1, Math.floor(Number(count) / 20));
  const found = await fuzz(Number(count), Number(seed), (done) => {
    if (done % every === 0) console.log(`${done} of ${count}`);
  });
  console.log(
    `${found.read} read, ${found.refused} refused; the slowest took ${found.slowestMs.toFixed(0)} ms; ${(found.peakBytes / 1e6).toFixed(0)} MB at most`,
  );
}
