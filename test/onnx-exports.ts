/**
 * npx tsx test/onnx-exports.ts FOLDER
 *
 * Builds every model that test/oracle/onnx_exports.py wrote and says how far its logits lie from
 * ONNX Runtime's own reading of the file, and whether its loss has gradients. The table in
 * docs/onnx.md is what it found.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { gradients, parseOnnx } from "../src/graph/index.ts";
import { onnxNetwork } from "../src/networks/index.ts";
import { compile } from "../src/runtime/index.ts";
import { nodeDevice } from "../src/runtime-node/index.ts";
import { classifier } from "../src/zoo/index.ts";
import { relativeError } from "./support/fixtures.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });
const CLASSES = 10;

interface Export {
  readonly side?: number;
  readonly logits?: readonly number[];
  readonly failed?: string;
}

/** The relative error of a model's logits. */
async function check(path: string, side: number, expected: readonly number[]): Promise<number> {
  const model = parseOnnx(await readFile(path));
  const net = classifier(onnxNetwork(model), { channels: 3, height: side, width: side, classes: CLASSES });
  const { outputs, parameters, buffers } = net.logits(2);
  const program = await compile({ logits: outputs }, device);
  const tensors = [...parameters, ...buffers].map(({ name }) => [name, model.initialisers.get(name)!.data] as const);
  const bytes = await readFile(`${path}.images`);
  const images = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const { logits } = await program.run({
    images,
    ...Object.fromEntries(tensors.filter(([name]) => program.inputs.has(name))),
  });
  await program.release();
  const trained = net.loss(2);
  gradients(
    trained.outputs.loss,
    trained.parameters.map(({ leaf }) => leaf),
  );
  return relativeError(logits as Float32Array, expected);
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: npx tsx test/onnx-exports.ts FOLDER");
const index = JSON.parse(await readFile(join(folder, "index.json"), "utf8")) as Record<string, Export>;
for (const [file, { side, logits, failed }] of Object.entries(index)) {
  const found =
    side === undefined || logits === undefined
      ? `not exported: ${failed}`
      : await check(join(folder, file), side, logits).then(
          (error) => error.toExponential(1),
          (error: Error) => error.message,
        );
  console.log(`${file.padEnd(60)} ${found}`);
}
