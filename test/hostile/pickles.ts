/** Pickles of `torch.save` that never were: forbidden objects, bombs, shared references. */
import { pickleOf, zipOf } from "../../src/checkpoints/formats/torch/pth.fixture.ts";
import { bytesOf, type Content, cutShort, fileInput, type Hostile } from "./hostile.ts";

const six = { storage: "0", stored: 6, offset: 0, shape: [2, 3], strides: [3, 1] };
const storage = new Uint8Array(24);
const sound = pickleOf({ w: six });

/** A tensor's item in a dict: its name and what makes it. */
const tensor = sound.subarray(4, -2);

const text = (value: string): Buffer => {
  const head = Buffer.from("X\0\0\0\0");
  head.writeUInt32LE(value.length, 1);
  return Buffer.concat([head, Buffer.from(value, "latin1")]);
};

/** Bytes one after another; a part may be a list of parts, as functions take few arguments. */
const join = (...parts: readonly (Content | readonly Content[])[]): Buffer =>
  Buffer.concat(parts.flatMap((part) => (Array.isArray(part) ? part.map(bytesOf) : [bytesOf(part as Content)])));
const repeat = (piece: string, times: number): Buffer => Buffer.from(piece.repeat(times), "latin1");
const keys = (count: number): Buffer[] => Array.from({ length: count }, (_, i) => text(`k${i}`));

const archive = (pickle: Content): Buffer =>
  zipOf([
    ["m/data.pkl", bytesOf(pickle)],
    ["m/data/0", storage],
  ]);

const pickled = (name: string, pickle: () => Content): Hostile =>
  fileInput("checkpoint", [`pickle, ${name}`, "a.pth"], () => archive(pickle()));

/** Objects that run something, and by which instruction they are asked for. */
const FORBIDDEN = [
  "os.system",
  "posix.system",
  "nt.system",
  "builtins.eval",
  "builtins.exec",
  "builtins.__import__",
  "builtins.getattr",
  "__builtin__.eval",
  "subprocess.Popen",
  "runpy.run_path",
  "webbrowser.open",
  "functools.partial",
  "operator.attrgetter",
  "torch.load",
  "torch.hub.load",
  "pickle.loads",
  "collections.OrderedDict.__init__",
  "constructor.constructor",
  "__proto__.x",
] as const;

const forbidden = FORBIDDEN.flatMap((name) => {
  const at = name.lastIndexOf(".");
  const [module, object] = [name.slice(0, at), name.slice(at + 1)];
  return [
    pickled(`${name} by GLOBAL`, () => join(`c${module}\n${object}\n(`, text("touch PWNED"), "tR.")),
    pickled(`${name} by STACK_GLOBAL`, () => join(text(module), text(object), "\x93(", text("touch PWNED"), "tR.")),
  ];
});

const instructions: Hostile[] = [
  pickled("INST", () => "(S'touch PWNED'\nios\nsystem\n."),
  pickled("OBJ", () => "(cos\nsystem\nS'touch PWNED'\no."),
  pickled("NEWOBJ", () => "ccollections\nOrderedDict\n)\x81."),
  pickled("EXT1", () => "\x82\x01)R."),
  pickled("REDUCE of a list", () => "]])R."),
  pickled("BUILD of a list", () => "]}b."),
  pickled("nothing", () => ""),
  pickled("a value that is not there", () => "."),
  pickled("an endless line", () => join("c", repeat("a", 5_000_000))),
  pickled("a text that is not UTF-8", () => "X\x02\0\0\0\xff\xff."),
  pickled("a text beyond the end", () => "X\xff\xff\xff\x7f."),
  pickled("a frame beyond the end", () => "\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7fN."),
  pickled("protocol 255", () => "\x80\xffN."),
  pickled("an instruction that is none", () => "\x00."),
  pickled("a persistent id that is a number", () => "K\x01Q."),
  pickled("millions of nothing", () => repeat("N", 6_000_000)),
  pickled("millions of marks", () => repeat("(", 4_000_000)),
  pickled("millions of lists within lists", () => join(repeat("]", 1_000_000), repeat("a", 999_999), ".")),
  pickled("millions of tuples within tuples", () => join("N", repeat("\x85", 3_000_000), ".")),
  pickled("a million duplicates by the memo", () => join("]q\0", repeat("h\0", 3_000_000), ".")),
  pickled("a list that contains itself", () => "]q\0h\0a."),
  pickled("a dict that contains itself", () => join("}q\0", text("a"), "h\0s.")),
  pickled("an integer of a thousand digits", () => join("I", repeat("9", 990), "\n.")),
  pickled("an integer with letters", () => "I12x\n."),
];

const shared: Hostile[] = [
  pickled("a list of pairs made a dict 700 000 times", () =>
    join(
      "](",
      repeat(")", 1_000_000),
      "eq\0",
      "ccollections\nOrderedDict\nq\x01",
      repeat("h\x01h\0\x85R", 700_000),
      ".",
    ),
  ),
  pickled("a dict of 300 000 keys under 60 000 keys", () =>
    join(
      "}q\0(",
      keys(300_000).flatMap((key) => [key, "N"]),
      "u}(",
      keys(60_000).flatMap((key) => [key, "h\0"]),
      "u.",
    ),
  ),
  pickled("dicts of dicts, each under a thousand keys", () =>
    join(
      "}q\0",
      ...[0, 1, 2, 3].flatMap((level) => [
        "}q",
        Uint8Array.of(level + 1),
        "(",
        keys(1000).flatMap((key) => [key, "h", Uint8Array.of(level)]),
        "u",
      ]),
      ".",
    ),
  ),
  pickled("module. eight million times", () => pickleOf({ [`${"module.".repeat(8_000_000)}w`]: six })),
  pickled("a key of four megabytes before many", () =>
    join(
      "}(",
      text("k".repeat(4_000_000)),
      "}(",
      keys(30_000).flatMap((key) => [key, "}(", tensor, "u"]),
      "uu.",
    ),
  ),
  pickled("a key of four megabytes in many dicts", () =>
    join(
      text("k".repeat(4_000_000)),
      "q\0}(",
      keys(60_000).flatMap((key) => [key, "}h\0}s"]),
      "u.",
    ),
  ),
  pickled("integers that are hashed alike", () => {
    const key = (i: number) => {
      const bytes = Buffer.from("\x8a\x0c\x07\0\0\0\0\0\0\0\0\0\0\0N", "latin1");
      bytes.writeInt32LE(i + 1, 10);
      return bytes;
    };
    return join(
      "}(",
      Array.from({ length: 200_000 }, (_, i) => key(i)),
      "u.",
    );
  }),
  pickled("a state dict of 70 000 tensors", () =>
    join(
      "}(",
      keys(70_000).flatMap((key) => [key, tensor.subarray(6)]),
      "u.",
    ),
  ),
];

const views: Hostile[] = (
  [
    ["expanded to 2^40 elements", { shape: [2 ** 20, 2 ** 20], strides: [0, 0] }],
    ["expanded to 2^29 elements", { shape: [2 ** 29], strides: [0] }],
    ["of a negative size", { shape: [-1, 3] }],
    ["of a negative step", { strides: [-3, 1] }],
    ["before its storage", { offset: -1 }],
    ["beyond its storage", { offset: 3 }],
    ["of 2^53 elements", { stored: 2 ** 53 - 1, shape: [2 ** 53 - 1], strides: [1] }],
    ["of a thousand dimensions", { shape: Array(1000).fill(1), strides: Array(1000).fill(1) }],
    ["of 50 000 dimensions", { shape: Array(50_000).fill(1), strides: Array(50_000).fill(1) }],
    ["with a storage that is a path", { storage: "../../../etc/passwd" }],
    ["with a storage that is not there", { storage: "none" }],
    ["of a type that is none", { type: "torch\nNoStorage" }],
  ] as const
).map(([name, more]) => pickled(`a tensor ${name}`, () => pickleOf({ w: { ...six, ...more } })));

const manyViews = [
  pickled("a thousand tensors of one expanded element", () =>
    pickleOf(
      Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`t${i}`, { ...six, shape: [2 ** 24], strides: [0] }])),
    ),
  ),
];

/** All of them. */
export const pickles: readonly Hostile[] = [
  ...forbidden,
  ...instructions,
  ...shared,
  ...views,
  ...manyViews,
  ...cutShort("checkpoint", "cut.pth", () => archive(sound), [0.1, 0.5, 0.9, 0.99]),
  ...cutShort("checkpoint", "cut.bin", () => sound, [0.3, 0.7, 1]),
];
