/**
 * Checkpoints as `torch.save` writes them, and as it never would: a pickle of tensors and a zip
 * archive around it.
 */

/** A tensor of float32 as the pickle describes it. */
export interface Described {
  readonly storage: string;
  /** How many elements the storage is said to have. */
  readonly stored: number;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** The storage's class; FloatStorage if left out. */
  readonly type?: string;
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(10);
  bytes[0] = 0x8a;
  bytes[1] = 8;
  bytes.writeBigInt64LE(BigInt(value), 2);
  return bytes;
}

function text(value: string): Buffer {
  const encoded = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(encoded.length);
  return Buffer.concat([Buffer.from("X"), length, encoded]);
}

const tuple = (...items: readonly Buffer[]): Buffer => Buffer.concat([Buffer.from("("), ...items, Buffer.from("t")]);

function tensor({ storage, stored, offset, shape, strides, type = "torch\nFloatStorage" }: Described): Buffer {
  const persistent = tuple(text("storage"), Buffer.from(`c${type}\n`), text(storage), text("cpu"), number(stored));
  return Buffer.concat([
    Buffer.from("ctorch._utils\n_rebuild_tensor_v2\n"),
    tuple(
      Buffer.concat([persistent, Buffer.from("Q")]),
      number(offset),
      tuple(...shape.map(number)),
      tuple(...strides.map(number)),
      Buffer.from("\x89", "latin1"),
      Buffer.from("N"),
    ),
    Buffer.from("R"),
  ]);
}

/** The pickle of a dict of tensors. */
export function pickleOf(tensors: Readonly<Record<string, Described>>): Buffer {
  const items = Object.entries(tensors).map(([name, described]) => Buffer.concat([text(name), tensor(described)]));
  return Buffer.concat([Buffer.from("\x80\x02}(", "latin1"), ...items, Buffer.from("u.")]);
}

/** A zip archive of stored entries, without checksums. */
export function zipOf(entries: readonly (readonly [name: string, data: Uint8Array])[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let position = 0;
  for (const [name, data] of entries) {
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50);
    local.writeUInt32LE(data.length, 18);
    local.writeUInt32LE(data.length, 22);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50);
    central.writeUInt32LE(data.length, 20);
    central.writeUInt32LE(data.length, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(position, 42);
    parts.push(local, Buffer.from(name, "latin1"), Buffer.from(data));
    directory.push(central, Buffer.from(name, "latin1"));
    position += local.length + name.length + data.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(
    directory.reduce((sum, { length }) => sum + length, 0),
    12,
  );
  end.writeUInt32LE(position, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

/** A checkpoint of these tensors and storages. */
export function pthOf(
  tensors: Readonly<Record<string, Described>>,
  storages: Readonly<Record<string, Float32Array>>,
): Buffer {
  return zipOf([
    ["model/data.pkl", pickleOf(tensors)],
    ["model/byteorder", Buffer.from("little")],
    ...Object.entries(storages).map(
      ([key, { buffer, byteOffset, byteLength }]) =>
        [`model/data/${key}`, new Uint8Array(buffer, byteOffset, byteLength)] as const,
    ),
  ]);
}

/** A checkpoint of these tensors and storages in the format before PyTorch 1.6. */
export function legacyOf(
  tensors: Readonly<Record<string, Described>>,
  storages: Readonly<Record<string, Float32Array>>,
  { littleEndian = true } = {},
): Buffer {
  const pickled = (...parts: readonly Buffer[]) =>
    Buffer.concat([Buffer.from("\x80\x02", "latin1"), ...parts, Buffer.from(".")]);
  return Buffer.concat([
    pickled(Buffer.from("8a0a6cfc9c46f9206aa85019", "hex")),
    pickled(number(1001)),
    pickled(
      Buffer.from("}"),
      text("little_endian"),
      Buffer.from(littleEndian ? "\x88" : "\x89", "latin1"),
      Buffer.from("s"),
    ),
    pickleOf(tensors),
    pickled(Buffer.from("]("), ...Object.keys(storages).map(text), Buffer.from("e")),
    ...Object.values(storages).flatMap(({ length, buffer, byteOffset, byteLength }) => [
      number(length).subarray(2),
      Buffer.from(buffer, byteOffset, byteLength),
    ]),
  ]);
}

/** An agent as Stable-Baselines3 saves it, with a policy and other entries; without checksums. */
export function agentOf(policy: Uint8Array): Buffer {
  return zipOf([
    ["data", Buffer.from("{}")],
    ["pytorch_variables.pth", new Uint8Array()],
    ["policy.pth", policy],
    ["policy.optimizer.pth", Uint8Array.of(1, 2, 3)],
    ["_stable_baselines3_version", Buffer.from("2.9.2")],
  ]);
}
