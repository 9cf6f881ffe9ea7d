/** Zip archives, safetensors, NumPy files and shards that lie about their sizes and contents. */
import { deflateRawSync } from "node:zlib";

import { npyFile, npyHeader } from "../../src/checkpoints/formats/numpy/npy.fixture.ts";
import { agentOf, pickleOf, zipOf } from "../../src/checkpoints/formats/torch/pth.fixture.ts";
import { type Content, cutShort, fileInput, filesInput, type Hostile } from "./hostile.ts";

const six = { storage: "0", stored: 6, offset: 0, shape: [2, 3], strides: [3, 1] };
const checkpoint = (name: string, file: string, content: () => Content): Hostile =>
  fileInput("checkpoint", [name, file], content);

/** A sound archive, in which a number at an offset from a signature is replaced. */
function altered(signature: string, offset: number, value: number, width: 2 | 4): Buffer {
  const bytes = zipOf([
    ["m/data.pkl", pickleOf({ w: six })],
    ["m/data/0", new Uint8Array(24)],
  ]);
  const at = bytes.indexOf(Buffer.from(signature, "latin1")) + offset;
  if (width === 2) bytes.writeUInt16LE(value, at);
  else bytes.writeUInt32LE(value, at);
  return bytes;
}

/** An archive of one deflated entry that claims to have `size` bytes. */
function deflated(name: string, content: Uint8Array, size: number): Buffer {
  const packed = deflateRawSync(content, { level: 1 });
  const bytes = zipOf([[name, packed]]);
  const central = bytes.indexOf(Buffer.from("PK\x01\x02", "latin1"));
  bytes.writeUInt16LE(8, 8);
  bytes.writeUInt32LE(size, 22);
  bytes.writeUInt16LE(8, central + 10);
  bytes.writeUInt32LE(size, central + 24);
  return bytes;
}

const [LOCAL, CENTRAL, END] = ["PK\x03\x04", "PK\x01\x02", "PK\x05\x06"];

const zips: Hostile[] = [
  checkpoint("zip of an encrypted entry", "a.pth", () => altered(CENTRAL, 8, 1, 2)),
  checkpoint("zip by a method that is none", "a.pth", () => altered(CENTRAL, 10, 99, 2)),
  checkpoint("zip of an entry of 4 GB", "a.pth", () => altered(CENTRAL, 24, 0xfffffffe, 4)),
  checkpoint("zip of a packed entry of 4 GB", "a.pth", () => altered(CENTRAL, 20, 0xfffffffe, 4)),
  checkpoint("zip of a name of 65 535 characters", "a.pth", () => altered(CENTRAL, 28, 0xffff, 2)),
  checkpoint("zip of an entry that begins beyond the end", "a.pth", () => altered(CENTRAL, 42, 0xffffff00, 4)),
  checkpoint("zip of 65 535 entries, it says", "a.pth", () => altered(END, 10, 0xffff, 2)),
  checkpoint("zip whose directory is 4 GB long", "a.pth", () => altered(END, 12, 0xfffffff0, 4)),
  checkpoint("zip whose directory begins beyond the end", "a.pth", () => altered(END, 16, 0xfffffff0, 4)),
  checkpoint("zip without a local header", "a.pth", () => altered(LOCAL, 0, 0, 4)),
  checkpoint("zip of a bomb as its pickle", "a.pth", () =>
    deflated("m/data.pkl", new Uint8Array(70_000_000), 70_000_000),
  ),
  checkpoint("zip of more than it says", "a.pth", () => deflated("m/data.pkl", new Uint8Array(50_000_000), 1000)),
  checkpoint("zip of less than it says", "a.pth", () => deflated("m/data.pkl", new Uint8Array(10), 50_000_000)),
  checkpoint("zip of an entry that is not deflated", "a.pth", () => {
    const bytes = zipOf([["m/data.pkl", Buffer.alloc(100, 0xff)]]);
    bytes.writeUInt16LE(8, bytes.indexOf(Buffer.from(CENTRAL, "latin1")) + 10);
    return bytes;
  }),
  checkpoint("zip of a name that leads out", "a.pth", () => zipOf([["../data.pkl", pickleOf({ w: six })]])),
  checkpoint("zip of the same name twice", "a.pth", () =>
    zipOf([
      ["m/data.pkl", pickleOf({ w: six })],
      ["m/data.pkl", pickleOf({ w: six })],
    ]),
  ),
  checkpoint("zip of 30 000 entries", "a.pth", () =>
    zipOf(Array.from({ length: 30_000 }, (_, i) => [`m/data/${i}`, new Uint8Array(0)] as const)),
  ),
  checkpoint("zip of a TorchScript program", "a.pth", () =>
    zipOf([
      ["m/data.pkl", pickleOf({ w: six })],
      ["m/constants.pkl", new Uint8Array(4)],
    ]),
  ),
  checkpoint("zip of big-endian numbers", "a.pth", () =>
    zipOf([
      ["m/data.pkl", pickleOf({ w: six })],
      ["m/byteorder", Buffer.from("big")],
    ]),
  ),
  checkpoint("zip of nothing", "a.pth", () => zipOf([])),
  ...cutShort("checkpoint", "cut-zip.pth", () => altered(LOCAL, 0, 0x04034b50, 4), [0.2, 0.6, 0.95]),
];

/** A policy as `torch.save` writes it. */
const policy = zipOf([
  ["m/data.pkl", pickleOf({ w: six })],
  ["m/data/0", new Uint8Array(24)],
]);

/** An agent in whose directory numbers of the policy's record are replaced, by their offsets. */
function alteredAgent(...numbers: readonly (readonly [offset: number, value: number, width: 2 | 4])[]): Buffer {
  const bytes = agentOf(policy);
  const record = bytes.lastIndexOf("policy.pth") - 46;
  for (const [offset, value, width] of numbers) bytes.writeUIntLE(value, record + offset, width);
  return bytes;
}

const GIANT = 0xfffffff0;
const agents: Hostile[] = (
  [
    ["in an agent in an agent", () => agentOf(agentOf(agentOf(policy)))],
    ["with a policy of nothing", () => agentOf(new Uint8Array())],
    ["with a policy of zeros", () => agentOf(new Uint8Array(100_000))],
    ["with a policy of half a file", () => agentOf(policy.subarray(0, policy.length / 2))],
    ["with a policy without its first bytes", () => agentOf(policy.subarray(20))],
    [
      "with a policy that runs a program",
      () => agentOf(zipOf([["m/data.pkl", Buffer.from("cos\nsystem\n(S'touch PWNED'\ntR.")]])),
    ],
    ["with a policy of a bomb", () => agentOf(deflated("m/data.pkl", new Uint8Array(70_000_000), 70_000_000))],
    ["that is a bomb", () => deflated("policy.pth", new Uint8Array(70_000_000), 70_000_000)],
    [
      "of two bombs, one in the other",
      () => {
        const inner = deflated("m/data.pkl", new Uint8Array(60_000_000), 60_000_000);
        return deflated("policy.pth", inner, inner.length);
      },
    ],
    ["with a policy of 4 GB", () => alteredAgent([20, GIANT, 4], [24, GIANT, 4])],
    ["with a packed policy of 4 GB", () => alteredAgent([10, 8, 2], [20, GIANT, 4], [24, GIANT, 4])],
    ["with a policy that unpacks to 4 GB", () => alteredAgent([10, 8, 2], [24, GIANT, 4])],
    ["with an encrypted policy", () => alteredAgent([8, 1, 2], [10, 8, 2])],
    ["with a policy beyond the end", () => alteredAgent([42, 0xffffff00, 4])],
    ["with a policy where another entry is", () => alteredAgent([42, 0, 4])],
    ["with a policy that was changed", () => alteredAgent([16, 0x12345678, 4])],
    ["without a policy", () => zipOf([["policy.optimizer.pth", policy]])],
    ["with a policy in a folder above", () => zipOf([["../policy.pth", policy]])],
    [
      "with two policies",
      () =>
        zipOf([
          ["policy.pth", policy],
          ["policy.pth", policy],
        ]),
    ],
  ] as const
).map(([name, content]) => checkpoint(`agent ${name}`, "a.zip", content));

/** A safetensors file of any header. */
function safetensors(header: string, data = 24, length = Buffer.byteLength(header)): Buffer {
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(length));
  return Buffer.concat([prefix, Buffer.from(header), Buffer.alloc(data)]);
}

const entry = (dtype: unknown, shape: unknown, offsets: unknown): string =>
  JSON.stringify({ w: { dtype, shape, data_offsets: offsets } });

const HEADERS: readonly (readonly [name: string, header: () => string])[] = [
  ["nothing", () => ""],
  ["a list", () => "[]"],
  ["null", () => "null"],
  ["no JSON", () => "{"],
  ["brackets without end", () => "[".repeat(10_000_000)],
  ["objects without end", () => '{"a":'.repeat(2_000_000)],
  ["a type that is none", () => entry("F7", [6], [0, 24])],
  ["a type that is a list", () => entry(["F32"], [6], [0, 24])],
  ["a size that is negative", () => entry("F32", [-6], [0, 24])],
  ["a size that is a fraction", () => entry("F32", [1.5, 4], [0, 24])],
  ["sizes beyond 2^53", () => entry("F32", [2 ** 40, 2 ** 40], [0, 24])],
  ["a size that is infinite", () => '{"w":{"dtype":"F32","shape":[1e999],"data_offsets":[0,24]}}'],
  ["a million dimensions", () => entry("F32", Array(1_000_000).fill(1), [0, 4])],
  ["bytes beyond the end", () => entry("F32", [7], [0, 28])],
  ["bytes before the start", () => entry("F32", [6], [-24, 0])],
  ["bytes in the wrong order", () => entry("F32", [6], [24, 0])],
  ["bytes of another number than its sizes", () => entry("F32", [6], [0, 20])],
  ["bytes that are texts", () => entry("F32", [6], ["0", "24"])],
  [
    "two tensors of the same bytes",
    () =>
      '{"a":{"dtype":"F32","shape":[6],"data_offsets":[0,24]},"b":{"dtype":"F32","shape":[6],"data_offsets":[0,24]}}',
  ],
  [
    "a gap between tensors",
    () =>
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[20,24]}}',
  ],
  [
    "the same name twice",
    () =>
      '{"a":{"dtype":"F32","shape":[6],"data_offsets":[0,24]},"a":{"dtype":"F32","shape":[6],"data_offsets":[0,24]}}',
  ],
  ["a name that objects lose", () => '{"__proto__":{"dtype":"F32","shape":[6],"data_offsets":[0,24]}}'],
  ["a name of a megabyte", () => `{"${"a".repeat(1_000_000)}":{"dtype":"F32","shape":[6],"data_offsets":[0,24]}}`],
  [
    "a name of control characters",
    () => '{"\\u0000\\n\\u2028\\u202e":{"dtype":"F32","shape":[6],"data_offsets":[0,24]}}',
  ],
  ["metadata that are numbers", () => '{"__metadata__":{"a":1},"w":{"dtype":"F32","shape":[6],"data_offsets":[0,24]}}'],
  [
    "100 000 tensors of nothing",
    () =>
      JSON.stringify(
        Object.fromEntries(
          Array.from({ length: 100_000 }, (_, i) => [`t${i}`, { dtype: "F32", shape: [0], data_offsets: [0, 0] }]),
        ),
      ),
  ],
];

const safetensorsFiles: Hostile[] = [
  ...HEADERS.map(([name, header]) => checkpoint(`safetensors, ${name}`, "a.safetensors", () => safetensors(header()))),
  checkpoint("safetensors of a header beyond the end", "a.safetensors", () => safetensors("{}", 0, 1000)),
  checkpoint("safetensors of a header of 2^62 bytes", "a.safetensors", () => safetensors("{}", 0, 2 ** 62)),
  checkpoint("safetensors that is a page", "a.safetensors", () => "<!DOCTYPE html><html></html>"),
  ...cutShort("checkpoint", "cut.safetensors", () => safetensors(entry("F32", [6], [0, 24])), [0.05, 0.5, 0.99]),
];

const ARRAYS: readonly (readonly [name: string, header: () => string])[] = [
  ["of Python objects", () => npyHeader("|O", false, [6])],
  ["of records", () => "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,), }"],
  ["of texts", () => npyHeader("<U4", false, [6])],
  ["of a type that is none", () => npyHeader("<q9", false, [6])],
  ["of a program", () => "{'descr': __import__('os').system('touch PWNED'), 'fortran_order': False, 'shape': (6,), }"],
  ["of more than there is", () => npyHeader("<f4", false, [2 ** 40])],
  ["of sizes beyond 2^53", () => npyHeader("<f4", false, [2 ** 40, 2 ** 40])],
  ["of a negative size", () => npyHeader("<f4", false, [-6])],
  ["of a thousand dimensions", () => npyHeader("<f4", true, Array(1000).fill(1))],
  ["of brackets without end", () => `{'shape': ${"(".repeat(60_000)}`],
  ["of spaces without end", () => `{${" ".repeat(60_000)}`],
  ["of a text without end", () => `{'${"a".repeat(60_000)}`],
  ["of keys without end", () => `{${"'a': 1, ".repeat(7000)}}`],
  ["of nothing", () => ""],
];

const arrays: Hostile[] = [
  ...ARRAYS.map(([name, header]) => checkpoint(`npy ${name}`, "a.npy", () => npyFile(header(), new Uint8Array(24)))),
  checkpoint("npy of version 9", "a.npy", () => npyFile(npyHeader("<f4", false, [6]), new Uint8Array(24), [9, 0])),
  checkpoint("npy of a header of 4 GB", "a.npy", () => {
    const bytes = npyFile(npyHeader("<f4", false, [6]), new Uint8Array(24), [2, 0]);
    bytes.writeUInt32LE(0xfffffff0, 8);
    return bytes;
  }),
  checkpoint("npz of one sound array and one of objects", "a.npz", () =>
    zipOf([
      ["a.npy", npyFile(npyHeader("<f4", false, [6]), new Uint8Array(24))],
      ["b.npy", npyFile(npyHeader("|O", false, [6]), new Uint8Array(24))],
    ]),
  ),
  checkpoint("npz of a bomb", "a.npz", () => {
    const zeros = npyFile(npyHeader("<f4", false, [17_500_000]), new Uint8Array(70_000_000));
    return deflated("a.npy", zeros, zeros.length);
  }),
];

const shards: Hostile[] = (
  [
    ["that names a file above", { w: "../a.safetensors" }],
    ["that names an absolute file", { w: "/etc/passwd" }],
    ["that names itself", { w: "model.safetensors.index.json" }],
    ["that names the folder", { w: "." }],
    ["that names nothing", {}],
    [
      "that names 20 000 files",
      Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`w${i}`, `${i}.safetensors`])),
    ],
    ["that is a list", []],
  ] as const
).map(([name, weight_map]) =>
  filesInput("checkpoint", `index ${name}`, () => ({ "model.safetensors.index.json": JSON.stringify({ weight_map }) })),
);

/** All of them. */
export const tensorFiles: readonly Hostile[] = [...zips, ...agents, ...safetensorsFiles, ...arrays, ...shards];
