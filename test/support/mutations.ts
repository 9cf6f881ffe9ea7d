/**
 * Real files of every format, damaged in every way: what readers must refuse, and never crash on,
 * hang on or drown in.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

import { foldIn, integers, type Key, uniform } from "../../src/random/index.ts";
import { onnxBytes, onnxNetworks } from "./onnx-skeleton.ts";

/** A sound file: the ending that it is opened by, and its bytes. */
export interface Seed {
  readonly name: string;
  readonly ending: string;
  readonly bytes: Uint8Array;
}

interface Case {
  readonly file?: string;
  readonly open?: string;
  /** Several files, of which the model is one. */
  readonly files?: Readonly<Record<string, string>>;
}

const fixture = (name: string) =>
  Object.entries(JSON.parse(readFileSync(`test/fixtures/${name}.json`, "utf8")) as Record<string, Case>);

/** Bytes of a fixture, compressed or not. */
function decoded(base64: string): Uint8Array {
  const bytes = Buffer.from(base64, "base64");
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
}

/** The sound files of the fixtures, and networks that PyTorch exported. */
export function seeds(): Seed[] {
  const files = ["pth", "lightning", "formats", "agents", "numpy", "onnx-initialisers"].flatMap((from) =>
    fixture(from).flatMap(([name, { file, open = "a.pth", files = {} }]): Seed[] => {
      if (file !== undefined)
        return [{ name: `${from}: ${name}`, ending: open.slice(open.lastIndexOf(".")), bytes: decoded(file) }];
      return Object.entries(files).flatMap(([path, content]) =>
        path.endsWith(".onnx") ? [{ name: `${from}: ${name}`, ending: ".onnx", bytes: decoded(content) }] : [],
      );
    }),
  );
  return [...files, ...networkSeeds()];
}

/**
 * Small networks as PyTorch's exporters write them, each several times, as they are few among many
 * files.
 */
function networkSeeds(): Seed[] {
  const { "cnn-dynamo": dynamo, "cnn-torchscript": torchscript, "cnn-torchscript-unfolded": unfolded } = onnxNetworks;
  return [dynamo, torchscript, unfolded].flatMap((network) =>
    Array.from({ length: 8 }, () => ({ name: network!.file, ending: ".onnx", bytes: onnxBytes(network!) })),
  );
}

/** A safetensors file of a few tensors. */
export function safetensorsSeed(): Seed {
  const header = Buffer.from(
    JSON.stringify({
      __metadata__: { format: "pt" },
      a: { dtype: "F32", shape: [2, 2], data_offsets: [0, 16] },
      b: { dtype: "BF16", shape: [3], data_offsets: [16, 22] },
      c: { dtype: "I64", shape: [], data_offsets: [22, 30] },
    }).padEnd(200),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return { name: "safetensors", ending: ".safetensors", bytes: Buffer.concat([length, header, Buffer.alloc(30, 7)]) };
}

/** Numbers that are at the edge of something, as they stand in files. */
const EXTREMES = [
  [0xff, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0x7f],
  [0, 0, 0, 0x80],
  [0, 0, 0, 0],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
  [0, 0, 0, 0, 0, 0, 0, 0x80],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
];

/**
 * A damaged copy: bits turned, numbers replaced, parts cut out, doubled, exchanged or taken from
 * another file.
 */
export function mutate(bytes: Uint8Array, other: Uint8Array, key: Key): Uint8Array {
  const pick = (name: string, most: number) => integers(foldIn(key, name), 1, Math.max(1, most))[0]!;
  let result = Uint8Array.from(bytes);
  const times = 1 + pick("times", 4);
  for (let t = 0; t < times; t++) {
    const at = pick(`at ${t}`, result.length);
    const length = pick(`length ${t}`, Math.min(64, result.length - at + 1));
    switch (pick(`kind ${t}`, 8)) {
      case 0:
        if (at < result.length) result[at]! ^= 1 << pick(`bit ${t}`, 8);
        break;
      case 1:
        if (at < result.length) result[at] = pick(`byte ${t}`, 256);
        break;
      case 2:
        result.set(EXTREMES[pick(`extreme ${t}`, EXTREMES.length)]!.slice(0, result.length - at), at);
        break;
      case 3:
        result = result.slice(0, at);
        break;
      case 4:
        result = Uint8Array.from([...result.subarray(0, at), ...result.subarray(at + length)]);
        break;
      case 5:
        result = Uint8Array.from([...result.subarray(0, at + length), ...result.subarray(at)]);
        break;
      case 6: {
        const from = pick(`from ${t}`, other.length);
        result.set(other.slice(from, from + Math.min(length, result.length - at)), at);
        break;
      }
      default: {
        const noise = uniform(foldIn(key, "noise", t), length);
        noise.forEach((u, i) => {
          if (at + i < result.length) result[at + i] = Math.floor(256 * u);
        });
      }
    }
  }
  return result;
}
