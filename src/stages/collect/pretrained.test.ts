import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { fill } from "../../../test/support/fill.ts";
import { temporaryFolders } from "../../../test/support/tiny-run.ts";
import { type NamedTensor, writeSafetensors } from "../../checkpoints/index.ts";
import { UserError } from "../../errors.ts";
import { sha256File } from "../../files/index.ts";
import { type Layout, unflatten } from "../../layout/index.ts";
import { type NetworkOptions, network, resizePositions, torchvisionTensor } from "../../networks/index.ts";
import { foldIn, key } from "../../random/index.ts";
import type { Recipe } from "../../recipe/load.ts";
import { networkSchema } from "../../recipe/schema.ts";
import { type Classifier, classifier } from "../../zoo/index.ts";
import { type LoadedWeights, loadWeights } from "./pretrained.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const images = { channels: 3, height: 32, width: 32, classes: 10 };

/** What weights are loaded into. */
interface Subject {
  readonly options: Recipe["network"];
  readonly network: Classifier;
}
const subject = (options: NetworkOptions): Subject => ({
  options: networkSchema.parse(options),
  network: classifier(network(options), images),
});

const mlp = subject({ name: "mlp", hidden: [8] });
const vit = subject({ name: "vit_tiny_patch16_224", patch: 8 });
/** A small ConvNeXt in place of the tiny one: it has the same layers, fewer and narrower. */
const convnext: Subject = {
  options: networkSchema.parse({ name: "convnext_tiny" }),
  network: subject({ name: "convnext-mini" }).network,
};

type Tensors = Map<string, NamedTensor>;

/** Every tensor of a network, filled by name. */
const tensorsOf = ({ layout }: Classifier): Tensors =>
  new Map(layout.entries.map(({ name, shape, size }) => [name, { name, shape, data: fill(name, size) }]));

/** A tensor of a shape, filled by name. */
function filled(name: string, shape: readonly number[]): NamedTensor {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  return { name, shape, data: fill(name, size) };
}

const put = (tensors: Tensors, ...list: readonly NamedTensor[]): Tensors =>
  new Map([...tensors, ...list.map((tensor) => [tensor.name, tensor] as const)]);

const without = (tensors: Tensors, ...names: readonly string[]): Tensors =>
  new Map([...tensors].filter(([name]) => !names.includes(name)));

/** The same tensors under torchvision's names and with its shapes. */
const asTorchvision = ({ options }: Subject, tensors: Tensors): Tensors =>
  put(new Map(), ...[...tensors.values()].map((tensor) => ({ ...tensor, ...torchvisionTensor(options.name, tensor) })));

async function saved(tensors: Tensors): Promise<string> {
  const file = join(folders.make(), "weights.safetensors");
  await writeSafetensors(file, tensors.values(), { format: "pt" });
  return file;
}

const loadFile = ({ options, network }: Subject, file: string, seed = 1): Promise<LoadedWeights> =>
  loadWeights({ file, options, network, images, key: key(seed) });

const load = async (into: Subject, tensors: Tensors, seed?: number): Promise<LoadedWeights> =>
  loadFile(into, await saved(tensors), seed);

/** Why a file is refused, after checking that it is the user's mistake and fits a line. */
async function refusal(into: Subject, file: string): Promise<string> {
  const error = await loadFile(into, file).then(
    () => expect.unreachable("the weights were loaded"),
    (error: unknown) => error,
  );
  if (!(error instanceof UserError)) throw error;
  expect(error.code).toBe("E_CHECKPOINT");
  expect(error.message).not.toContain("\n");
  expect(error.message).toContain(file);
  return error.message;
}

const refusalOf = async (into: Subject, tensors: Tensors): Promise<string> => refusal(into, await saved(tensors));

/** Names of the tensors whose loaded values are not those given. */
function changed({ network: { layout } }: Subject, { state }: LoadedWeights, tensors: Tensors): string[] {
  const bytes = ({ buffer, byteOffset, byteLength }: NamedTensor["data"]) =>
    Buffer.from(buffer, byteOffset, byteLength);
  return [...unflatten(layout, state)].flatMap(([name, values]) =>
    bytes(values).equals(bytes(tensors.get(name)!.data)) ? [] : [name],
  );
}

describe("weights that fit", () => {
  it.each<[string, Subject]>([
    ["a perceptron", mlp],
    ["a vision transformer", vit],
    ["a ConvNeXt", convnext],
  ])("are taken over as they are: %s", async (_, into) => {
    const tensors = tensorsOf(into.network);
    const loaded = await load(into, tensors);
    expect(changed(into, loaded, tensors)).toEqual([]);
    expect(loaded).toMatchObject({ notes: [], batchesTracked: 0 });
  });

  it("may come in any order", async () => {
    const tensors = tensorsOf(convnext.network);
    const loaded = await load(convnext, new Map([...tensors].reverse()));
    expect(changed(convnext, loaded, tensors)).toEqual([]);
  });

  it("are remembered by their file's checksum", async () => {
    const file = await saved(tensorsOf(mlp.network));
    expect((await loadFile(mlp, file)).sha256).toBe(await sha256File(file));
  });

  it("bring running statistics, and the greatest number of batches that these have seen", async () => {
    const resnet = subject({ name: "resnet18", stem: "cifar" });
    const tensors = tensorsOf(resnet.network);
    const counters = [...tensors.keys()]
      .filter((name) => name.endsWith("running_var"))
      .map((name, i) => ({
        name: name.replace("running_var", "num_batches_tracked"),
        shape: [],
        data: BigInt64Array.of(i === 3 ? 5_000n : 4_000n),
      }));
    expect(counters).toHaveLength(20);
    const loaded = await load(resnet, put(tensors, ...counters));
    expect(changed(resnet, loaded, tensors)).toEqual([]);
    expect(loaded).toMatchObject({ batchesTracked: 5_000, notes: [] });
  });

  it("may count batches in ways that say nothing", async () => {
    const counter = (name: string, value: number) => ({
      name: `${name}.num_batches_tracked`,
      shape: [],
      data: Float32Array.of(value),
    });
    const odd = [counter("a", Number.NaN), counter("b", 2.5), counter("c", -1), counter("d", Number.POSITIVE_INFINITY)];
    const empty = { name: "num_batches_tracked", shape: [0], data: new BigInt64Array() };
    expect((await load(mlp, put(tensorsOf(mlp.network), ...odd, empty))).batchesTracked).toBe(0);
  });
});

describe("torchvision's weights", () => {
  it.each<[string, Subject, string, readonly number[]]>([
    ["a vision transformer", vit, "encoder.layers.encoder_layer_11.self_attention.in_proj_weight", [576, 192]],
    ["a ConvNeXt", convnext, "features.3.1.layer_scale", [32, 1, 1]],
  ])("are understood: %s", async (_, into, name, shape) => {
    const tensors = tensorsOf(into.network);
    const theirs = asTorchvision(into, tensors);
    expect(theirs.get(name)?.shape).toEqual(shape);
    const loaded = await load(into, theirs);
    expect(changed(into, loaded, tensors)).toEqual([]);
    expect(loaded.notes).toEqual([]);
  });

  it("may have another head and another grid, too", async () => {
    const tensors = put(
      tensorsOf(vit.network),
      filled("head.weight", [1000, 192]),
      filled("head.bias", [1000]),
      filled("pos_embed", [1, 10, 192]),
    );
    const ours = await load(vit, tensors);
    const theirs = await load(vit, asTorchvision(vit, tensors));
    expect(theirs.notes).toEqual(ours.notes);
    expect(theirs.notes).toHaveLength(2);
    expect(Buffer.compare(Buffer.from(theirs.state.buffer), Buffer.from(ours.state.buffer))).toBe(0);
  });

  it("are missed and refused by their own names", async () => {
    const theirs = asTorchvision(convnext, tensorsOf(convnext.network));
    const message = await refusalOf(
      convnext,
      put(without(theirs, "classifier.0.bias"), filled("features.3.1.layer_scale", [32])),
    );
    expect(message).toContain("missing classifier.0.bias; features.3.1.layer_scale is [32], expected [32,1,1]; ");
  });
});

describe("a head for other classes", () => {
  const others = put(tensorsOf(convnext.network), filled("head.fc.weight", [1000, 32]), filled("head.fc.bias", [1000]));

  it("is initialised as in a training from scratch, with a note; all else is kept", async () => {
    const loaded = await load(convnext, others);
    expect(loaded.notes).toEqual(["the head head.fc is for 1000 classes and was initialised for 10"]);
    const { layout, logits } = convnext.network;
    expect(changed(convnext, loaded, others)).toEqual(["head.fc.weight", "head.fc.bias"]);
    const fresh = logits(1).parameters.filter(({ name }) => name.startsWith("head.fc."));
    for (const { name, initialise } of fresh) {
      const values = unflatten(layout, loaded.state).get(name)!;
      expect(values, name).toEqual(initialise(foldIn(key(1), name), values.length));
    }
  });

  it("depends on the seed alone", async () => {
    const head = put(tensorsOf(mlp.network), filled("fc2.weight", [3, 8]), filled("fc2.bias", [3]));
    const [one, again, two] = [await load(mlp, head), await load(mlp, head), await load(mlp, head, 2)];
    expect(again.state).toEqual(one.state);
    expect(changed(mlp, one, tensorsOf(mlp.network))).toEqual(["fc2.weight", "fc2.bias"]);
    expect(changed(mlp, two, tensorsOf(mlp.network))).toEqual(["fc2.weight", "fc2.bias"]);
    expect(two.state).not.toEqual(one.state);
  });

  it("may be one for no classes", async () => {
    const none = put(tensorsOf(mlp.network), filled("fc2.weight", [0, 8]), filled("fc2.bias", [0]));
    expect((await load(mlp, none)).notes).toEqual(["the head fc2 is for 0 classes and was initialised for 10"]);
  });

  it("must agree with itself, and with the layer before it", async () => {
    const tensors = tensorsOf(mlp.network);
    expect(await refusalOf(mlp, put(tensors, filled("fc2.weight", [20, 8])))).toContain(
      ": fc2.weight is [20,8], expected [10,8]; ",
    );
    expect(await refusalOf(mlp, put(tensors, filled("fc2.bias", [])))).toContain(": fc2.bias is [], expected [10]; ");
    expect(await refusalOf(mlp, put(tensors, filled("fc2.weight", [20, 8]), filled("fc2.bias", [30])))).toContain(
      ": fc2.weight is [20,8], expected [10,8], fc2.bias is [30], expected [10]; ",
    );
    expect(await refusalOf(mlp, put(tensors, filled("fc2.weight", [20, 9]), filled("fc2.bias", [20])))).toContain(
      ": fc2.weight is [20,9], expected [10,8], fc2.bias is [20], expected [10]; ",
    );
  });
});

describe("position embeddings", () => {
  it.each([
    ["3 × 3", 3],
    ["14 × 14", 14],
  ])("of %s patches are interpolated, with a note; all else is kept", async (grid, side) => {
    const given = filled("pos_embed", [1, 1 + side ** 2, 192]);
    const tensors = tensorsOf(vit.network);
    const loaded = await load(vit, put(tensors, given));
    expect(loaded.notes).toEqual([`position embeddings of ${grid} patches were interpolated to 4 × 4`]);
    expect(changed(vit, loaded, tensors)).toEqual(["pos_embed"]);
    const positions = unflatten(vit.network.layout, loaded.state).get("pos_embed")!;
    expect(positions).toEqual(resizePositions(given.data as Float32Array, [side, side], [4, 4]));
    expect(positions.subarray(0, 192)).toEqual(given.data.subarray(0, 192));
  });

  it.each([
    ["without a class token", [1, 16, 192], "pos_embed has 16 tokens, expected one and a square grid of patches"],
    ["of the class token alone", [1, 1, 192], "pos_embed has 1 tokens, expected one and a square grid of patches"],
    ["of another width", [1, 17, 384], "pos_embed is [1,17,384], expected [1,17,192]"],
    ["of several images", [2, 17, 192], "pos_embed is [2,17,192], expected [1,17,192]"],
    ["that are no list", [1, 17, 5, 192], "pos_embed is [1,17,5,192], expected [1,17,192]"],
  ])("%s are refused", async (_, shape, message) => {
    expect(await refusalOf(vit, put(tensorsOf(vit.network), filled("pos_embed", shape)))).toContain(message);
  });
});

describe("values of other types", () => {
  /** Tensors of any type as a file, each all of one value. */
  function typedFile(layout: Layout, typeOf: (name: string) => [dtype: string, element: Uint8Array]): string {
    const header: Record<string, unknown> = {};
    const data: Buffer[] = [];
    let offset = 0;
    for (const { name, shape, size } of layout.entries) {
      const [dtype, element] = typeOf(name);
      data.push(Buffer.alloc(size * element.length, element));
      header[name] = { dtype, shape, data_offsets: [offset, (offset += size * element.length)] };
    }
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    const file = join(folders.make(), "typed.safetensors");
    writeFileSync(file, Buffer.concat([length, text, ...data]));
    return file;
  }
  const bytes = ({ buffer }: { buffer: ArrayBufferLike }) => new Uint8Array(buffer);
  const half = ["F16", bytes(Uint16Array.of(0xb800))] as const; // -0.5
  const single = ["F32", bytes(Float32Array.of(3))] as const;
  const double = ["F64", bytes(Float64Array.of(0.1))] as const;

  it.each([
    ["F16", half, -0.5],
    ["F64", double, Math.fround(0.1)],
    ["BF16", ["BF16", bytes(Uint16Array.of(0x4049))] as const, 3.140625],
  ])("are converted, with a note: %s", async (dtype, type, value) => {
    const loaded = await loadFile(
      mlp,
      typedFile(mlp.network.layout, () => [...type]),
    );
    expect(loaded.state).toEqual(new Float32Array(mlp.network.layout.size).fill(value));
    expect(loaded.notes).toEqual([`${dtype} values were converted to float32`]);
  });

  it("may be mixed", async () => {
    const types = { "fc1.weight": half, "fc1.bias": single, "fc2.weight": double, "fc2.bias": half };
    const file = typedFile(mlp.network.layout, (name) => [...types[name as keyof typeof types]]);
    const loaded = await loadFile(mlp, file);
    expect(loaded.notes).toEqual(["F16 and F64 values were converted to float32"]);
    const firsts = [...unflatten(mlp.network.layout, loaded.state).values()].map((values) => values[0]);
    expect(firsts).toEqual([-0.5, 3, Math.fround(0.1), -0.5]);
  });
});

describe("weights that do not fit are refused, naming", () => {
  const tensors = tensorsOf(mlp.network);
  const advice = "; give a state dict of that network from timm or torchvision";

  it("all that is missing, unexpected and of another shape at once", async () => {
    const file = await saved(
      put(without(tensors, "fc1.bias"), filled("fc1.weight", [8, 99]), filled("fc3.weight", [2]), filled("x", [])),
    );
    expect(await refusal(mlp, file)).toBe(
      `base.weights: ${file} does not fit mlp: missing fc1.bias; unexpected fc3.weight, x; fc1.weight is [8,99], expected [8,3072]${advice}`,
    );
  });

  it("a head that is not there", async () => {
    expect(await refusalOf(mlp, without(tensors, "fc2.weight", "fc2.bias"))).toContain(
      `does not fit mlp: missing fc2.weight, fc2.bias${advice}`,
    );
  });

  it("the same number of values in another shape", async () => {
    expect(await refusalOf(mlp, put(tensors, filled("fc1.weight", [3072, 8])))).toContain(
      "fc1.weight is [3072,8], expected [8,3072]",
    );
  });

  it("values that are no finite numbers", async () => {
    for (const value of [Number.NaN, Number.NEGATIVE_INFINITY]) {
      const data = new Float32Array(8).fill(value, 5, 6);
      expect(await refusalOf(mlp, put(tensors, { name: "fc1.bias", shape: [8], data }))).toContain(
        `does not fit mlp: not all finite in fc1.bias${advice}`,
      );
    }
  });

  it("some tensors of another architecture, on either side", async () => {
    const message = await refusalOf(convnext, tensorsOf(subject({ name: "vit-mini" }).network));
    expect(message).toMatch(
      /does not fit convnext_tiny: missing stem\.0\.weight, [^;]* and \d+ more; unexpected to_patch_embedding\.1\.weight, [^;]* and \d+ more; give/,
    );
    expect(message.length).toBeLessThan(1000);
  });

  it("names of strangers without their control characters", async () => {
    const message = await refusalOf(mlp, put(tensors, filled("a\u001b[31m\nb", [1])));
    expect(message).toContain("unexpected");
    expect(message).not.toContain("\u001b");
  });
});

describe("a file that cannot be read", () => {
  let file: string;
  beforeAll(async () => {
    file = await saved(tensorsOf(mlp.network));
  });

  it("because it was cut short, is not safetensors or is not there, is refused", async () => {
    truncateSync(file, readFileSync(file).length - 5);
    expect(await refusal(mlp, file)).toContain("is damaged or not a safetensors file");
    writeFileSync(file, "PK");
    expect(await refusal(mlp, file)).toContain("is damaged or not a safetensors file");
    expect(await refusal(mlp, join(folders.make(), "none.pth"))).toMatch(
      /there is no file .*none\.pth; put pretrained/,
    );
    expect(await refusal(mlp, folders.make())).toMatch(/folder|cannot read/);
  });
});
