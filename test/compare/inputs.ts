/**
 * The files that recipes read: checkpoints, a program that scores one, and an ONNX classifier. They
 * are written here byte by byte, so that they do not depend on the version that is tested.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A tensor of float32. */
interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Writes checkpoints, `score.mjs`, `network.onnx` and checkpoints of its tensors to a folder. */
export function writeInputs(folder: string): void {
  mkdirSync(join(folder, "checkpoints"), { recursive: true });
  mkdirSync(join(folder, "onnx-checkpoints"), { recursive: true });
  for (let i = 1; i <= 16; i++) {
    const name = `${String(i).padStart(4, "0")}.safetensors`;
    writeFileSync(join(folder, "checkpoints", name), encodeSafetensors(regressionNetwork(i)));
    writeFileSync(join(folder, "onnx-checkpoints", name), encodeSafetensors(classifier(i)));
  }
  writeFileSync(join(folder, "target.safetensors"), encodeSafetensors(regressionNetwork(0)));
  writeFileSync(join(folder, "score.mjs"), SCORE);
  writeFileSync(join(folder, "network.onnx"), encodeOnnx(classifier(0)));
}

/**
 * Prints how far the head of a checkpoint lies from that of the target, and how many bytes it has.
 */
const SCORE = `import { readFileSync } from "node:fs";
const headOf = (path) => {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const [from, to] = JSON.parse(bytes.toString("utf8", 8, start))["head.weight"].data_offsets;
  return bytes.subarray(start + from, start + to);
};
const target = headOf(new URL("target.safetensors", import.meta.url));
const head = headOf(process.argv[2]);
let loss = 0;
for (let i = 0; i < head.length; i += 4) loss += (head.readFloatLE(i) - target.readFloatLE(i)) ** 2;
console.log(JSON.stringify({ loss, size: head.length }));
`;

/**
 * Numbers from -1 to 1 that follow from a seed (xorshift, so that no Math function is involved).
 */
function noise(seed: number, count: number): Float32Array {
  let state = (seed * 2654435761 + 1) >>> 0;
  return Float32Array.from({ length: count }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 31 - 1;
  });
}

/** A tensor that most checkpoints share, with a part of its own for each of them. */
function tensor(name: string, shape: readonly number[], { seed, own }: { seed: number; own: number }): Tensor {
  const count = shape.reduce((product, n) => product * n, 1);
  const common = noise(1 + name.length, count);
  const different = noise(1000 + 31 * seed + name.length, count);
  const scale = 1 / Math.sqrt(count / shape[0]! || 1);
  return { name, shape, values: common.map((x, i) => scale * (x + own * different[i]!)) };
}

const regressionNetwork = (seed: number): Tensor[] => [
  tensor("body.weight", [12, 10], { seed, own: 0.1 }),
  tensor("body.bias", [12], { seed, own: 0.1 }),
  tensor("head.weight", [4, 12], { seed, own: 0.3 }),
  tensor("head.bias", [4], { seed, own: 0.3 }),
];

/**
 * For images of 1 × 28 × 28 pixels: a convolution of stride 4, and a linear layer to ten classes.
 */
const classifier = (seed: number): Tensor[] => [
  tensor("conv.weight", [4, 1, 4, 4], { seed: 0, own: 0 }),
  tensor("conv.bias", [4], { seed: 0, own: 0 }),
  tensor("fc.weight", [10, 196], { seed, own: 0.2 }),
  tensor("fc.bias", [10], { seed, own: 0.2 }),
];

function encodeSafetensors(tensors: readonly Tensor[]): Buffer {
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  let begin = 0;
  for (const { name, shape, values } of tensors) {
    header[name] = { dtype: "F32", shape, data_offsets: [begin, begin + values.byteLength] };
    begin += values.byteLength;
  }
  const text = JSON.stringify(header);
  const padded = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, ...tensors.map(({ values }) => bytesOf(values))]);
}

const bytesOf = (values: Float32Array): Buffer => Buffer.from(values.buffer, values.byteOffset, values.byteLength);

/** Fields of a protobuf message; numbers are varints. */
type Field = readonly [id: number, value: number | string | Buffer];

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}

/** The bytes of a protobuf message. */
const message = (...fields: readonly Field[]): Buffer =>
  Buffer.concat(
    fields.flatMap(([id, value]) => {
      if (typeof value === "number") return [varint(id * 8), varint(value)];
      const bytes = Buffer.from(value as Buffer);
      return [varint(id * 8 + 2), varint(bytes.length), bytes];
    }),
  );

/**
 * The convolution, ReLU, flattening and linear layer of `classifier` as an ONNX model (onnx.proto3,
 * opset 17).
 */
function encodeOnnx(tensors: readonly Tensor[]): Buffer {
  const INT = 2;
  const INTS = 7;
  const int = (name: string, value: number): Buffer => message([1, name], [3, value], [20, INT]);
  const ints = (name: string, values: readonly number[]): Buffer =>
    message([1, name], ...values.map((value): Field => [8, value]), [20, INTS]);
  const node = (type: string, inputs: readonly string[], output: string, attributes: readonly Buffer[] = []): Field => [
    1,
    message(
      ...inputs.map((input): Field => [1, input]),
      [2, output],
      [4, type],
      ...attributes.map((attribute): Field => [5, attribute]),
    ),
  ];
  const initializer = ({ name, shape, values }: Tensor): Field => [
    5,
    message(...shape.map((n): Field => [1, n]), [2, 1], [8, name], [9, bytesOf(values)]),
  ];
  const named = (name: string, shape: readonly (number | string)[]): Buffer => {
    const dimensions = shape.map((n): Field => [1, typeof n === "number" ? message([1, n]) : message([2, n])]);
    return message([1, name], [2, message([1, message([1, 1], [2, message(...dimensions)])])]);
  };
  const graph = message(
    node("Conv", ["x", "conv.weight", "conv.bias"], "c", [ints("strides", [4, 4]), ints("kernel_shape", [4, 4])]),
    node("Relu", ["c"], "r"),
    node("Flatten", ["r"], "f", [int("axis", 1)]),
    node("Gemm", ["f", "fc.weight", "fc.bias"], "y", [int("transB", 1)]),
    [2, "classifier"],
    ...tensors.map(initializer),
    [11, named("x", ["batch", 1, 28, 28])],
    [12, named("y", ["batch", 10])],
  );
  return message([1, 8], [7, graph], [8, message([1, ""], [2, 17])]);
}
