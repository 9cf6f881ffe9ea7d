/** What a model makes of an image, here and in ONNX Runtime's own reading of the file. */
import { InferenceSession, Tensor } from "onnxruntime-node";

import { input, instantiate, parseOnnx, type Shape } from "../../src/graph/index.ts";
import { key, normal } from "../../src/random/index.ts";
import { compile } from "../../src/runtime/index.ts";
import { nodeDevice } from "../../src/runtime-node/index.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

/** Runs a model from `x` to `y` on normal numbers of the given shape. */
export async function bothReadings(model: Uint8Array, shape: Shape) {
  const x = normal(
    key(1),
    shape.reduce((a, b) => a * b, 1),
  );
  const session = await InferenceSession.create(model);
  const theirs = (await session.run({ x: new Tensor("float32", x, shape) })).y!;
  await session.release();
  const y = instantiate(parseOnnx(model), { inputs: { x: input("x", shape) } }).get("y")!;
  const program = await compile({ y }, device);
  const ours = (await program.run({ x })).y as Float32Array;
  await program.release();
  return { ours, shape: y.shape, theirs: theirs.data as Float32Array, expected: theirs.dims };
}
