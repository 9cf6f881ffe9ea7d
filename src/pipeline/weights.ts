/**
 * Pretrained weights: a state dict of timm or torchvision as the values a network begins with. What may differ is told:
 * the classifier's head for another number of classes, and position embeddings of another grid. All else is an error.
 */
import {
  flatten,
  type Layout,
  type LayoutEntry,
  readStateDict,
  type StateDict,
  show,
  showAll,
} from "../checkpoints/index.ts";
import { UserError } from "../errors.ts";
import { sha256File } from "../files/index.ts";
import { type NetworkOptions, resizePositions, torchvisionTensor } from "../networks/index.ts";
import { fold, type Key } from "../random/index.ts";
import type { Classifier, ImageShape } from "../zoo/index.ts";

export interface LoadWeights {
  /** A .safetensors file, or one of `torch.save`. */
  readonly file: string;
  readonly options: NetworkOptions;
  readonly network: Classifier;
  readonly images: ImageShape;
  /** Of the initial values, from which a new head is drawn as in a training from scratch. */
  readonly key: Key;
}

export interface LoadedWeights {
  /** Every tensor of the network, flat in the order of its layout. */
  readonly state: Float32Array;
  /** Batches that its running statistics have seen. */
  readonly batchesTracked: number;
  readonly sha256: string;
  /** What was not taken over as it stood, in sentences. */
  readonly notes: readonly string[];
}

/** PyTorch's counter beside running statistics, which nothing computed depends on. */
const COUNTER = /(^|\.)num_batches_tracked$/;

/**
 * Loads the weights of a file into a network.
 * @throws UserError `E_CHECKPOINT` naming the tensors that are missing, unexpected or of another shape.
 */
export async function loadWeights({ file, options, network, images, key }: LoadWeights): Promise<LoadedWeights> {
  const dict = await readStateDict(file);
  const { layout } = network;
  const theirs = namesIn(dict, layout, options.name);
  const head = layout.entries.findLast((e) => e.kind === "linear")!.name.replace(/\.[^.]+$/, "");
  const notes: string[] = [];
  const missing: string[] = [];
  const misshapen = new Map<string, string>();
  const fresh: LayoutEntry[] = [];
  const tensors = new Map<string, Float32Array>();
  for (const entry of layout.entries) {
    const name = theirs.get(entry.name)!;
    const values = dict.tensors.get(name);
    const shape = dict.shapes.get(name);
    if (values === undefined || shape === undefined) missing.push(name);
    else if (sameShape(shape, entry.shape)) tensors.set(entry.name, values);
    else if (entry.name.startsWith(`${head}.`) && sameShape(shape.slice(1), entry.shape.slice(1))) fresh.push(entry);
    else if (entry.name === "pos_embed" && "patch" in options && shape.at(-1) === entry.shape.at(-1)) {
      const from = squareGrid(file, name, shape);
      const to = [images.height / options.patch, images.width / options.patch] as const;
      tensors.set(entry.name, resizePositions(values, from, to));
      notes.push(`position embeddings of ${from.join(" × ")} patches were interpolated to ${to.join(" × ")}`);
    } else misshapen.set(name, `${show(name)} is [${shape}], expected [${entry.shape}]`);
  }
  const known = new Set(theirs.values());
  const unexpected = [...dict.tensors.keys()].filter((name) => !known.has(name) && !COUNTER.test(name));
  refuse(file, options.name, { missing, unexpected, misshapen });

  if (fresh.length > 0) {
    const drawn = new Map(network.logits(1).parameters.map((p) => [p.name, p]));
    for (const { name, size } of fresh) tensors.set(name, drawn.get(name)!.initialise(fold(key, name), size));
    const had = dict.shapes.get(theirs.get(fresh[0]!.name)!)![0];
    notes.push(`the head ${show(head)} is for ${had} classes and was made anew for ${images.classes}`);
  }
  const converted = [...new Set([...known].map((name) => dict.dtypes.get(name)!))].filter((dtype) => dtype !== "F32");
  if (converted.length > 0) notes.push(`${converted.join(" and ")} values were converted to float32`);
  const counters = [...dict.tensors].flatMap(([name, values]) => (COUNTER.test(name) ? [values[0] ?? 0] : []));
  return {
    state: flatten(layout, tensors),
    batchesTracked: Math.max(0, ...counters),
    sha256: await sha256File(file),
    notes,
  };
}

const sameShape = (a: readonly number[], b: readonly number[]): boolean => `${a}` === `${b}`;

/** What the file calls each tensor of the layout: torchvision's names where more of them are there than of ours. */
function namesIn(dict: StateDict, { entries }: Layout, network: NetworkOptions["name"]): Map<string, string> {
  const torchvision = new Map(entries.map((e) => [e.name, torchvisionTensor(network, e).name]));
  const found = (names: Iterable<string>) => [...names].filter((name) => dict.tensors.has(name)).length;
  return found(torchvision.values()) > found(torchvision.keys())
    ? torchvision
    : new Map(entries.map((e) => [e.name, e.name]));
}

/** The grid of published position embeddings, which are those of square images. */
function squareGrid(file: string, name: string, [, tokens = 0]: readonly number[]): readonly [number, number] {
  const side = Math.sqrt(tokens - 1);
  if (Number.isInteger(side) && side >= 1) return [side, side];
  throw new UserError(
    "E_CHECKPOINT",
    `${file}: ${show(name)} has ${tokens} tokens, expected one and a square grid of patches; give weights with a class token`,
  );
}

interface Faults {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly misshapen: ReadonlyMap<string, string>;
}

function refuse(file: string, network: string, { missing, unexpected, misshapen }: Faults): void {
  const faults: string[] = [];
  if (missing.length > 0) faults.push(`missing ${showAll(missing)}`);
  if (unexpected.length > 0) faults.push(`unexpected ${showAll(unexpected)}`);
  if (misshapen.size > 0) faults.push(showAll([...misshapen.keys()], (name) => misshapen.get(name)!));
  if (faults.length > 0)
    throw new UserError(
      "E_CHECKPOINT",
      `base.weights: ${file} does not fit ${network}: ${faults.join("; ")}; give a state dict of that network from timm or torchvision`,
    );
}
