/**
 * Loads pretrained weights: a state dict of timm or torchvision as the initial values of a network.
 * Only the classifier's head (other number of classes) and position embeddings (other grid) may
 * differ, and are reported; any other difference is an error.
 */

import { existsSync } from "node:fs";
import { readStateDict, type StateDict } from "../../checkpoints/index.ts";
import { UserError } from "../../errors.ts";
import { sha256File } from "../../files/index.ts";
import { flatten, type Layout, type LayoutEntry, prefixOf } from "../../layout/index.ts";
import { get } from "../../lookup.ts";
import { resizePositions, type TorchvisionTensor, torchvisionTensor } from "../../networks/index.ts";
import { foldIn, type Key } from "../../random/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import { type Faults, show, showFaults } from "../../show.ts";
import type { Classifier, ImageShape } from "../../zoo/index.ts";

export interface LoadWeights {
  /** A .safetensors file, or one of `torch.save`. */
  readonly file: string;
  /** Which network of the file, where it holds several. */
  readonly fileKey?: string | undefined;
  readonly options: Recipe["network"];
  readonly network: Classifier;
  readonly images: ImageShape;
  /** The key of the initial values, for a new head. */
  readonly key: Key;
}

export interface LoadedWeights {
  /** Every tensor of the network, flat in the order of its layout. */
  readonly state: Float32Array;
  /** Batches that its running statistics have seen. */
  readonly batchesTracked: number;
  readonly sha256: string;
  /** What was changed while loading, in sentences. */
  readonly notes: readonly string[];
}

/** PyTorch's counter beside running statistics; no result depends on it. */
const COUNTER = /(^|\.)num_batches_tracked$/;

/**
 * Loads the weights of a file into a network.
 * @throws UserError `E_CHECKPOINT` naming tensors that are missing, unexpected or misshapen.
 */
export async function loadWeights({
  file,
  fileKey,
  options,
  network,
  images,
  key,
}: LoadWeights): Promise<LoadedWeights> {
  if (!existsSync(file))
    throw new UserError(
      "E_CHECKPOINT",
      `base.weights: there is no file ${file}; put pretrained weights there (docs/reproduction.md says how to get timm's), or use --quick, which needs no pretrained weights`,
    );
  const dict = withoutPrefix(await readStateDict(file, { key: fileKey }), network.layout);
  const { layout } = network;
  const theirs = tensorsIn(dict, layout, options.name);
  const head = layout.entries.findLast((e) => e.kind === "linear")?.name.replace(/\.[^.]+$/, "");
  const isHead = ({ name }: LayoutEntry) => head !== undefined && name.startsWith(`${head}.`);
  const had = classesOf(
    dict,
    layout.entries.filter(isHead).map(({ name }) => get(theirs, name)),
  );
  const notes: string[] = [];
  const missing: string[] = [];
  const misshapen = new Map<string, string>();
  const fresh: LayoutEntry[] = [];
  const tensors = new Map<string, Float32Array>();
  for (const entry of layout.entries) {
    const { name, shape: expected } = get(theirs, entry.name);
    const values = dict.tensors.get(name);
    const shape = dict.shapes.get(name);
    if (values === undefined || shape === undefined) missing.push(name);
    else if (sameShape(shape, expected)) tensors.set(entry.name, values);
    else if (had !== undefined && isHead(entry)) fresh.push(entry);
    else if (entry.name === "pos_embed" && "patch" in options && sameBut(1, shape, expected)) {
      const from = squareGrid(file, name, shape);
      const to = [images.height / options.patch, images.width / options.patch] as const;
      tensors.set(entry.name, resizePositions(values, from, to));
      notes.push(`position embeddings of ${from.join(" × ")} patches were interpolated to ${to.join(" × ")}`);
    } else misshapen.set(name, `${show(name)} is [${shape}], expected [${expected}]`);
  }
  const known = new Set([...theirs.values()].map(({ name }) => name));
  // An ONNX model holds constants beside its weights.
  const unexpected = file.endsWith(".onnx")
    ? []
    : [...dict.tensors.keys()].filter((name) => !known.has(name) && !COUNTER.test(name));
  const notFinite = [...known].filter((name) => !allFinite(dict.tensors.get(name)));
  refuse(file, options.name, { missing, unexpected, different: misshapen, notFinite });

  if (fresh.length > 0) {
    const drawn = new Map(network.logits(1).parameters.map((p) => [p.name, p]));
    for (const { name, size } of fresh) tensors.set(name, get(drawn, name).initialise(foldIn(key, name), size));
    notes.push(`the head ${show(head ?? "")} is for ${had} classes and was initialised for ${images.classes}`);
  }
  const converted = [...new Set([...known].map((name) => get(dict.dtypes, name)))].filter((dtype) => dtype !== "F32");
  if (converted.length > 0) notes.push(`${converted.join(" and ")} values were converted to float32`);
  const counters = [...dict.tensors].flatMap(([name, values]) =>
    COUNTER.test(name) ? [...values.subarray(0, 1)] : [],
  );
  return {
    state: flatten(layout, tensors),
    batchesTracked: Math.max(0, ...counters.filter(Number.isSafeInteger)),
    sha256: await sha256File(file),
    notes,
  };
}

/** A state dict without a prefix that all names of the network have in the file. */
function withoutPrefix({ tensors, shapes, dtypes }: StateDict, { entries }: Layout): StateDict {
  const prefix = prefixOf(
    tensors.keys(),
    entries.map(({ name }) => name),
  );
  const renamed = <T>(of: ReadonlyMap<string, T>) =>
    new Map([...of].map(([name, value]) => [name.startsWith(prefix) ? name.slice(prefix.length) : name, value]));
  return { tensors: renamed(tensors), shapes: renamed(shapes), dtypes: renamed(dtypes) };
}

const sameShape = (a: readonly number[], b: readonly number[]): boolean => `${a}` === `${b}`;

/** Whether shapes agree along all axes but one. */
const sameBut = (axis: number, a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((dimension, i) => i === axis || dimension === b[i]);

/** The number of classes of the head in the file; undefined if its tensors do not fit otherwise. */
function classesOf({ shapes }: StateDict, head: readonly TorchvisionTensor[]): number | undefined {
  const found = head.map(({ name, shape }) => {
    const theirs = shapes.get(name);
    return theirs !== undefined && sameBut(0, theirs, shape) ? theirs[0] : undefined;
  });
  return new Set(found).size === 1 ? found[0] : undefined;
}

/** Each tensor under its name in the file: torchvision's names if the file has more of them. */
function tensorsIn(dict: StateDict, { entries }: Layout, network: string): ReadonlyMap<string, TorchvisionTensor> {
  const torchvision = new Map(entries.map((e) => [e.name, torchvisionTensor(network, e)]));
  const ours = new Map(entries.map((e) => [e.name, e]));
  const found = (tensors: Map<string, TorchvisionTensor>) =>
    [...tensors.values()].filter(({ name }) => dict.tensors.has(name)).length;
  return found(torchvision) > found(ours) ? torchvision : ours;
}

/** The grid of published position embeddings, which is square. */
function squareGrid(file: string, name: string, [, tokens = 0]: readonly number[]): readonly [number, number] {
  const side = Math.sqrt(tokens - 1);
  if (Number.isInteger(side) && side >= 1) return [side, side];
  throw new UserError(
    "E_CHECKPOINT",
    `${file}: ${show(name)} has ${tokens} tokens, expected one and a square grid of patches; give weights with a class token`,
  );
}

const allFinite = (values: Float32Array = new Float32Array()): boolean => values.every(Number.isFinite);

function refuse(file: string, network: string, faults: Faults): void {
  const problems = showFaults(faults);
  if (problems === "") return;
  const advice =
    network === "onnx"
      ? "give a checkpoint of the network that was exported, or export it again with every tensor of its own (docs/onnx.md)"
      : "give a state dict of that network from timm or torchvision";
  throw new UserError("E_CHECKPOINT", `base.weights: ${file} does not fit ${network}: ${problems}; ${advice}`);
}
