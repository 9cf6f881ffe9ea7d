/**
 * Random inputs that are well formed and make no sense: pickles with shared references, agents in
 * agents, graphs of ONNX, archives and recipes. Damaged files seldom come that far.
 */
import { gzipSync } from "node:zlib";

import { zipOf } from "../../src/checkpoints/formats/torch/pth.fixture.ts";
import { foldIn, integers, type Key } from "../../src/random/index.ts";
import { int, longs, modelOf, node } from "./onnx-model.ts";

/** An input and the part of the program that reads it. */
export interface Structure {
  readonly reader: "checkpoint" | "network" | "archive" | "recipe";
  readonly ending: string;
  readonly bytes: Uint8Array;
}

/** Draws whole numbers from 0 up to a limit, one after another. */
type Draw = (below: number) => number;

function drawer(key: Key): Draw {
  let drawn = 0;
  return (below) => integers(foldIn(key, "draw", drawn++), 1, Math.max(1, below))[0] ?? 0;
}

const oneOf = <T>(draw: Draw, list: readonly [T, ...T[]]): T => list[draw(list.length)] ?? list[0];

const shortText = (value: string): string => `X${String.fromCharCode(value.length)}\0\0\0${value}`;

/** A list, a dict or a tuple of what was made before, many times over, or a call with it. */
function pickleBlock(draw: Draw, made: number): string {
  const recall = (): string => (made === 0 ? "N" : `h${String.fromCharCode(draw(made))}`);
  const times = oneOf(draw, [1, 2, 30, 1000, 20_000]);
  const name = oneOf(draw, ["w", "state_dict", "module.a", "__proto__", "optimizer", ""]);
  const key = (i: number): string => (draw(4) === 0 ? recall() : shortText(`${name}${i}`));
  const items = (item: (i: number) => string): string => Array.from({ length: times }, (_, i) => item(i)).join("");
  return oneOf<() => string>(draw, [
    () => `](${items(recall)}e`,
    () => `}(${items((i) => key(i) + recall())}u`,
    () => `(${items(recall)}t`,
    () => `](${items((i) => `(${key(i)}${recall()}t`)}e`,
    () => `ccollections\nOrderedDict\n${recall()}\x85R`,
    () => `ctorch._utils\n_rebuild_tensor_v2\n(${recall()}K\0${recall()}${recall()}\x89NtR`,
    () => `(${shortText("storage")}ctorch\nFloatStorage\n${shortText("0")}${shortText("cpu")}K\x06tQ`,
    () => `K${String.fromCharCode(draw(200))}`,
  ])();
}

function pickle(draw: Draw): Structure {
  const blocks: string[] = [];
  const count = 1 + draw(12);
  for (let made = 0; made < count; made++) blocks.push(`${pickleBlock(draw, made)}q${String.fromCharCode(made)}`);
  const bytes = Buffer.from(`${blocks.join("")}.`, "latin1");
  return {
    reader: "checkpoint",
    ending: ".pth",
    bytes: zipOf([
      ["m/data.pkl", bytes],
      ["m/data/0", new Uint8Array(24)],
    ]),
  };
}

/** The bytes of a policy: a checkpoint, or an archive of a policy and of noise. */
function policyBytes(draw: Draw, depth: number): Uint8Array {
  if (depth === 0) return pickle(draw).bytes;
  const noise = (): Uint8Array => new Uint8Array(draw(3000)).fill(draw(256));
  const names = ["policy.pth", "policy.optimizer.pth", "data", "m/data.pkl"] as const;
  const others = Array.from({ length: draw(3) }, () => [oneOf(draw, names), noise()] as const);
  const bytes = zipOf([["policy.pth", draw(8) === 0 ? noise() : policyBytes(draw, depth - 1)], ...others]);
  // In the directory, the flags, method, checksum, sizes or position of an entry.
  const field = bytes.lastIndexOf("PK\x01\x02") + oneOf(draw, [8, 10, 16, 20, 24, 42]);
  if (draw(3) === 0) bytes.writeUInt16LE(oneOf(draw, [0, 1, 8, 0xffff, 3000]), field);
  return bytes;
}

function agent(draw: Draw): Structure {
  return { reader: "checkpoint", ending: ".zip", bytes: policyBytes(draw, 1 + draw(3)) };
}

/** Operators that take any tensors, and those that take a list of numbers as well. */
const PLAIN = ["Add", "Mul", "MatMul", "Concat", "Relu", "Softmax", "Transpose", "Shape", "Gather", "Div"] as const;
const WITH_NUMBERS = [
  "Reshape",
  "Expand",
  "Tile",
  "ConstantOfShape",
  "ReduceSum",
  "Unsqueeze",
  "Slice",
  "Pad",
] as const;

function graph(draw: Draw): Structure {
  const count = 1 + draw(60);
  const initializer = Array.from({ length: 4 }, (_, k) =>
    longs(
      `n${k}`,
      Array.from({ length: 1 + draw(4) }, () => oneOf(draw, [-1, 0, 1, 2, 3, 7, 1000, 2 ** 20])),
    ),
  );
  const values = ["x", "n0", "n1", "n2", "n3"];
  const nodes = Array.from({ length: count }, (_, i) => {
    const pick = (): string => values[draw(values.length)] ?? "x";
    const output = i === count - 1 ? "y" : `h${i}`;
    const made =
      draw(3) === 0
        ? node(oneOf(draw, WITH_NUMBERS), [pick(), `n${draw(4)}`], output)
        : node(oneOf(draw, PLAIN), [pick(), pick()].slice(0, 1 + draw(2)), output, [int("axis", draw(3) - 1)]);
    // Later nodes are nearer, so that values grow along chains.
    values.push(output, output);
    return made;
  });
  return { reader: "network", ending: ".onnx", bytes: modelOf(nodes, { initializer }) };
}

/** A header of an entry of tar. */
function tarHeader(name: string, size: number, type: string): Buffer {
  const block = Buffer.alloc(512);
  block.write(name.slice(0, 100), "latin1");
  block.write("0000644\x000000000\x000000000\0", 100);
  block.write(`${size.toString(8).padStart(11, "0").slice(-11)}\0`, 124);
  block.write("00000000000\0        ", 136);
  block.write(type, 156);
  block.write("ustar\0" + "00", 257);
  block.write(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
  );
  return block;
}

function archive(draw: Draw): Structure {
  const parts = Array.from({ length: 1 + draw(30) }, () => {
    const name = Array.from({ length: 1 + draw(6) }, () =>
      oneOf(draw, ["run", "zoo", "..", ".", "a", "config.yaml", ""]),
    );
    const size = draw(3000);
    const claimed = draw(8) === 0 ? oneOf(draw, [0, 2 ** 33 - 1, 2 ** 27, size + 1]) : size;
    const content = Buffer.alloc(512 * Math.ceil(size / 512), draw(256));
    return Buffer.concat([
      tarHeader(name.join("/"), claimed, oneOf(draw, ["0", "0", "0", "5", "2", "x", "L"])),
      content,
    ]);
  });
  const tar = Buffer.concat([...parts, Buffer.alloc(1024)]);
  return { reader: "archive", ending: ".tar", bytes: draw(2) === 0 ? tar : gzipSync(tar) };
}

/** A value of YAML in brackets, with anchors and aliases. */
function yamlValue(draw: Draw, depth: number): string {
  if (depth === 0) return oneOf(draw, ["1", "-1", "a", "*a", "null", "true", "1e999", '"x"', "!!str 1", "a.yaml"]);
  const items = (separator: (i: number) => string): string =>
    Array.from({ length: draw(5) }, (_, i) => `${separator(i)}${yamlValue(draw, depth - 1)}`).join(", ");
  return oneOf<() => string>(draw, [
    () => `[${items(() => "")}]`,
    () => `{${items((i) => `k${i}: `)}}`,
    () => `&a [${items(() => "")}]`,
    () => yamlValue(draw, 0),
  ])();
}

function recipe(draw: Draw): Structure {
  const keys = [
    "data",
    "network",
    "zoo",
    "base",
    "diffusion",
    "extends",
    "seed",
    "preset",
    "name",
    "a",
    "?",
    "<<",
  ] as const;
  const lines = Array.from({ length: 1 + draw(20) }, () => {
    const value = yamlValue(draw, draw(5));
    const indent = draw(4) === 0 ? " ".repeat(draw(40)) : "";
    return `${indent}${oneOf(draw, ["", "", "", "- ", "? "])}${oneOf(draw, keys)}: ${value}`;
  });
  return { reader: "recipe", ending: ".yaml", bytes: Buffer.from(`a0: &a 1\n${lines.join("\n")}\n`) };
}

/** A random structure; the same key gives the same. */
export function structure(key: Key): Structure {
  const draw = drawer(key);
  return oneOf(draw, [pickle, pickle, agent, graph, archive, recipe])(draw);
}
