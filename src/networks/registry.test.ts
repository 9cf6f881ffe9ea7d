import { describe, expect, it } from "vitest";

import fixture from "../../test/fixtures/classifiers.json" with { type: "json" };
import { fill, fillIntegers } from "../../test/support/fill.ts";
import { relativeError, sketch } from "../../test/support/fixtures.ts";
import { oneStep } from "../../test/support/one-step.ts";
import { gradients, input, pack, type Shape, sizeOf } from "../graph/index.ts";
import { adamw, countOf, crossEntropy, type Declared, trace } from "../nn/index.ts";
import { key } from "../random/index.ts";
import { compile, type Data } from "../runtime/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { trainer } from "../training/index.ts";
import { convnet } from "./convnet.ts";
import { convnext } from "./convnext.ts";
import type { Network } from "./network.ts";
import { network } from "./registry.ts";
import { simpleVit } from "./simple-vit.ts";
import { vit } from "./vit.ts";

const CLASSES = 10;
const TIMEOUT_MS = 300_000;
const device = nodeDevice({ name: "cpu", threads: 1 });

/** A network in the oracle: arrays by name, and its state as lines of name and shape. */
type Case = Readonly<Record<string, readonly number[]>> & { readonly state: readonly string[] };
const expected = fixture as unknown as Readonly<Record<string, Case>>;

/**
 * The networks of test/oracle/classifiers.py and their images, `[batch, channels, height, width]`.
 */
const cases: Readonly<Record<string, readonly [Network, Shape]>> = {
  resnet18: [network({ name: "resnet18", stem: "imagenet" }), [4, 3, 64, 64]],
  resnet50: [network({ name: "resnet50", stem: "imagenet" }), [4, 3, 48, 48]],
  "resnet18 with the stem for CIFAR": [network({ name: "resnet18", stem: "cifar" }), [4, 3, 16, 16]],
  vit_tiny: [network({ name: "vit_tiny_patch16_224", patch: 16 }), [2, 3, 48, 32]],
  vit_base: [network({ name: "vit_base_patch16_224", patch: 16 }), [2, 3, 32, 32]],
  convnext_tiny: [network({ name: "convnext_tiny" }), [2, 3, 64, 64]],
  convnext_base: [network({ name: "convnext_base" }), [2, 3, 64, 64]],
  "convnet-3": [network({ name: "convnet", width: 128, depth: 3 }), [2, 3, 16, 16]],
  "convnet of grey images": [convnet({ width: 8, depth: 2 }), [2, 1, 28, 28]],
  "convnet-mini": [network({ name: "convnet-mini" }), [3, 3, 64, 64]],
  "mlp-mini": [network({ name: "mlp-mini" }), [3, 3, 64, 64]],
  "resnet-mini": [network({ name: "resnet-mini" }), [3, 3, 64, 64]],
  "vit-mini": [network({ name: "vit-mini" }), [3, 3, 64, 64]],
  "convnext-mini": [network({ name: "convnext-mini" }), [3, 3, 64, 64]],
};

type Named = Declared & { readonly name: string; readonly shape: Shape };

/** The bounds between which the oracle fills a tensor. */
function bounds({ name, shape }: Named): [low: number, high: number] {
  const what = name.slice(name.lastIndexOf(".") + 1);
  if (what === "weight" && [2, 4].includes(shape.length)) {
    const spread = Math.sqrt(3 / sizeOf(shape.slice(1)));
    return [-spread, spread];
  }
  if (/bn\d\.(weight|bias)$/.test(name)) return what === "weight" ? [0.25, 0.75] : [1, 2];
  if (what === "weight" || what === "running_var") return [0.5, 1.5];
  const spread = ["gamma", "cls_token", "pos_embed"].includes(what) ? 0.5 : 0.1;
  return [-spread, spread];
}

/** Views of a flat vector, one for each declared tensor. */
function cut(declared: readonly Named[], flat: Float32Array): Record<string, Float32Array> {
  let offset = 0;
  return Object.fromEntries(
    declared.map(({ name, shape }) => [name, flat.subarray(offset, (offset += sizeOf(shape)))]),
  );
}

/** Declared tensors filled as in the oracle, as one flat vector. */
function filled(declared: readonly Named[]): Float32Array {
  const flat = new Float32Array(countOf(declared));
  const parts = cut(declared, flat);
  for (const one of declared) parts[one.name]!.set(fill(one.name, sizeOf(one.shape), ...bounds(one)));
  return flat;
}

const norm = (values: readonly number[]): number => Math.hypot(...values);

describe.each(Object.entries(cases))("%s", (name, [build, shape]) => {
  const { state, ...arrays } = expected[name]!;
  const isStatistic = (tensor: string) => tensor.includes(".running_");
  // Only batch statistics differ between training and evaluation here.
  const modes = state.some(isStatistic) ? ["evaluation", "training"] : ["evaluation"];
  const traced = (training: boolean) =>
    trace(
      (at) => {
        const logits = build(at, input("images", shape), CLASSES);
        return { logits, loss: crossEntropy(logits, input("labels", [shape[0]!], "int32")) };
      },
      { training },
    );
  const batch = (step: number): Record<string, Data> => ({
    images: fill(`images ${arrays.draw}.${step}`, sizeOf(shape)),
    labels: fillIntegers(`labels ${arrays.draw}.${step}`, shape[0]!, CLASSES),
  });

  it("declares the original's tensors in its order", () => {
    const { parameters, buffers } = traced(true);
    const lines = (declared: readonly Named[]) => declared.map((d) => `${d.name} ${d.shape.join("x")}`);
    expect(lines(parameters)).toEqual(state.filter((tensor) => !isStatistic(tensor)));
    expect(lines(buffers)).toEqual(state.filter(isStatistic));
  });

  it.each(modes)("computes the original's logits and gradients in %s", { timeout: TIMEOUT_MS }, async (mode) => {
    const { outputs, parameters, buffers } = traced(mode === "training");
    const leaves = parameters.map((p) => p.leaf);
    const program = await compile({ logits: outputs.logits, gradient: pack(gradients(outputs.loss, leaves)) }, device);
    const tensors = { ...cut(parameters, filled(parameters)), ...cut(buffers, filled(buffers)) };
    const { logits, gradient } = await program.run({ ...batch(0), ...tensors });
    await program.release();
    expect(relativeError(logits as Float32Array, arrays[`${mode}: logits`]!)).toBeLessThan(1e-5);
    // Some gradients are zero up to rounding: their error is relative to a thousandth of the whole.
    const floor = norm(parameters.map((p) => norm(arrays[`${mode}: ${p.name}`]!))) / 1000;
    for (const [what, values] of Object.entries(cut(parameters, gradient as Float32Array))) {
      const error = relativeError(sketch(values, 16, 16), arrays[`${mode}: ${what}`]!, floor);
      expect(error, what).toBeLessThan(1e-4);
    }
  });

  it("matches the original after three steps of AdamW", { timeout: TIMEOUT_MS }, async () => {
    const training = traced(true);
    const model = await trainer({ traced: training, optimiser: adamw({ weightDecay: 5e-4, eps: 1e-3 }), device });
    const initial = filled(training.parameters);
    model.start(initial, filled(training.buffers));
    for (let step = 0; step < 3; step++) {
      const loss = await oneStep(model, batch(step), 1e-3, key(0));
      expect(relativeError([loss], arrays[`loss ${step}`]!)).toBeLessThan(1e-5);
    }
    const moved = await model.read("theta");
    for (let i = 0; i < moved.length; i++) moved[i]! -= initial[i]!;
    expect(relativeError(sketch(moved, 64, 64), arrays.moved!)).toBeLessThan(1e-4);
    if (arrays.statistics !== undefined)
      expect(relativeError(sketch(await model.read("buffers"), 64, 64), arrays.statistics)).toBeLessThan(1e-5);
    await model.release();
  });
});

describe("the paper's parameter counts", () => {
  const declaredBy = (build: Network, image: Shape, classes: number) =>
    trace((at) => build(at, input("images", [1, ...image]), classes), { training: false }).parameters;
  const imagenet = [[3, 224, 224], 1000] as const;
  const small = [[3, 64, 64], 10] as const;

  it.each([
    [{ name: "resnet18", stem: "imagenet" }, imagenet, 11_689_512],
    [{ name: "resnet50", stem: "imagenet" }, imagenet, 25_557_032],
    [{ name: "vit_tiny_patch16_224", patch: 16 }, imagenet, 5_717_416],
    [{ name: "vit_base_patch16_224", patch: 16 }, imagenet, 86_567_656],
    [{ name: "convnext_tiny" }, imagenet, 28_589_128],
    [{ name: "convnext_base" }, imagenet, 88_591_464],
    [{ name: "convnet", width: 128, depth: 3 }, [[3, 32, 32], 10], 320_010],
    [{ name: "convnet-mini" }, small, 24_262],
    [{ name: "mlp-mini" }, small, 66_970],
    [{ name: "resnet-mini" }, small, 25_138],
    [{ name: "vit-mini" }, small, 80_714],
    [{ name: "convnext-mini" }, small, 74_970],
  ] as const)("match %o", (options, [image, classes], count) => {
    expect(countOf(declaredBy(network(options), image, classes))).toBe(count);
  });

  it.each([
    [{ name: "vit_tiny_patch16_224", patch: 16 }, ["blocks.11.norm2", "norm"], 768],
    [{ name: "vit_base_patch16_224", patch: 16 }, ["blocks.11.norm2", "norm"], 3072],
    [{ name: "convnext_tiny" }, ["stages.3.blocks.2.norm", "head.norm"], 3072],
    [{ name: "convnext_base" }, ["stages.3.blocks.2.norm", "head.norm"], 4096],
  ] as const)("match the last two normalisations of %o", (options, layers, count) => {
    const norms = declaredBy(network(options), ...imagenet).filter((p) => p.kind === "norm");
    const last = norms.slice(-4);
    expect(last.map((p) => p.name)).toEqual(layers.flatMap((layer) => [`${layer}.weight`, `${layer}.bias`]));
    expect(countOf(last)).toBe(count);
  });
});

describe("dropout and stochastic depth in training", () => {
  const masks = (build: Network, training = true) =>
    trace((at) => build(at, input("images", [2, 3, 32, 32]), CLASSES), { training }).noise.map(
      ({ name, leaf }) => `${name} ${leaf.shape.join("x")}`,
    );
  const dropping = vit({ patch: 16, width: 8, depth: 2, heads: 2, dropout: 0.1, attentionDropout: 0.1, dropPath: 0.1 });

  it("drop activations, attention weights and all branches but the first block's in a ViT", () => {
    expect(masks(dropping, false)).toEqual([]);
    expect(masks(dropping)).toEqual([
      "pos_drop.mask 2x5x8",
      "blocks.0.attn.attn_drop.mask 2x2x5x5",
      "blocks.0.attn.proj_drop.mask 2x5x8",
      "blocks.0.mlp.drop1.mask 2x5x32",
      "blocks.0.mlp.drop2.mask 2x5x8",
      "blocks.1.attn.attn_drop.mask 2x2x5x5",
      "blocks.1.attn.proj_drop.mask 2x5x8",
      "blocks.1.drop_path1.mask 2x1x1",
      "blocks.1.mlp.drop1.mask 2x5x32",
      "blocks.1.mlp.drop2.mask 2x5x8",
      "blocks.1.drop_path2.mask 2x1x1",
    ]);
  });

  it("drop branches in a ConvNeXt", () => {
    expect(masks(convnext({ depths: [1, 2], widths: [4, 8], dropPath: 0.1 }))).toEqual([
      "stages.1.blocks.0.drop_path.mask 2x1x1x1",
      "stages.1.blocks.1.drop_path.mask 2x1x1x1",
    ]);
  });
});

describe("a network for images that do not fit", () => {
  it.each<[string, Network, Shape]>([
    [
      "vit: images of 32 x 40 pixels do not divide into patches of 16 x 16; use sides that are multiples of 16, or another patch",
      vit({ patch: 16, width: 12, depth: 1, heads: 3 }),
      [3, 32, 40],
    ],
    ["vit: a width of 13 does not divide into 3 heads", vit({ patch: 16, width: 13, depth: 1, heads: 3 }), [3, 32, 32]],
    [
      "simpleVit: a width of 10 is no multiple of four from eight",
      simpleVit({ patch: 8, width: 10, depth: 1, heads: 1, headWidth: 4, hidden: 8 }),
      [3, 16, 16],
    ],
    [
      "patchesOf: 1 x 1 positions do not fill a patch of 2 x 2 (in stages.1.downsample.1)",
      convnext({ depths: [1, 1], widths: [4, 8] }),
      [3, 4, 4],
    ],
  ])("is refused: %s", (message, build, image) => {
    const tracing = () => trace((at) => build(at, input("images", [1, ...image]), CLASSES), { training: false });
    expect(tracing).toThrow(expect.objectContaining({ code: "E_SHAPE", message }));
  });
});
