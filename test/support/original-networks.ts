/** Suites of task networks that other libraries have too: timm's, torchvision's and the paper's. */
import { describe, expect, it } from "vitest";
import { gradients, input, pack, type Shape, sizeOf } from "../../src/graph/index.ts";
import type { Network } from "../../src/networks/index.ts";
import { adamw, countOf, crossEntropy, type Declared, trace } from "../../src/nn/index.ts";
import { key } from "../../src/random/index.ts";
import { compile, type Data } from "../../src/runtime/index.ts";
import { nodeDevice } from "../../src/runtime-node/index.ts";
import { trainer } from "../../src/training/index.ts";
import fixture from "../fixtures/classifiers.json" with { type: "json" };
import { fill, fillIntegers } from "./fill.ts";
import { relativeError, sketch } from "./fixtures.ts";
import { oneStep } from "./one-step.ts";
import { itThoroughly } from "./thorough.ts";

/** Number of classes of every network here. */
export const CLASSES = 10;
const TIMEOUT_MS = 300_000;
const device = nodeDevice({ name: "cpu", threads: 1 });

/** A network in the oracle: arrays by name, and its state as lines of name and shape. */
type Case = Readonly<Record<string, readonly number[]>> & { readonly state: readonly string[] };
const expected = fixture as unknown as Readonly<Record<string, Case>>;

/**
 * Networks and their images `[batch, channels, height, width]`, by their names in
 * test/oracle/classifiers.py.
 */
export type Originals = Readonly<Record<string, readonly [Network, Shape]>>;

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

/** Networks that take long, and differ from smaller ones of their family in sizes alone. */
const LARGE = /resnet50|vit_base|convnext_base/;

const norm = (values: readonly number[]): number => Math.hypot(...values);

/** Compares tensors, logits, gradients and three steps of training with the originals'. */
export function itMatchesOriginals(cases: Originals): void {
  describe.each(Object.entries(cases))("%s", (name, [build, shape]) => {
    const { state, ...arrays } = expected[name]!;
    const isLarge = LARGE.test(name);
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

    (isLarge ? itThoroughly : it).each(modes)(
      "computes the original's logits and gradients in %s",
      { timeout: TIMEOUT_MS },
      async (mode) => {
        const { outputs, parameters, buffers } = traced(mode === "training");
        const leaves = parameters.map((p) => p.leaf);
        const program = await compile(
          { logits: outputs.logits, gradient: pack(gradients(outputs.loss, leaves)) },
          device,
        );
        const tensors = { ...cut(parameters, filled(parameters)), ...cut(buffers, filled(buffers)) };
        const { logits, gradient } = await program.run({ ...batch(0), ...tensors });
        await program.release();
        expect(relativeError(logits as Float32Array, arrays[`${mode}: logits`]!)).toBeLessThan(1e-5);
        // Some gradients are zero up to rounding: their error is relative to a thousandth of all.
        const floor = norm(parameters.map((p) => norm(arrays[`${mode}: ${p.name}`]!))) / 1000;
        for (const [what, values] of Object.entries(cut(parameters, gradient as Float32Array))) {
          const error = relativeError(sketch(values, 16, 16), arrays[`${mode}: ${what}`]!, floor);
          expect(error, what).toBeLessThan(1e-4);
        }
      },
    );

    (isLarge ? itThoroughly : it)(
      "matches the original after three steps of AdamW",
      { timeout: TIMEOUT_MS },
      async () => {
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
      },
    );
  });
}

/** Checks that networks refuse images or sizes that do not fit, with these messages. */
export function itRefusesToBuild(refused: readonly (readonly [message: string, Network, image: Shape])[]): void {
  it.each(refused)("refuses to be built: %s", (message, build, image) => {
    const tracing = () => trace((at) => build(at, input("images", [1, ...image]), CLASSES), { training: false });
    expect(tracing).toThrow(expect.objectContaining({ code: "E_SHAPE", message }));
  });
}

/** Names and shapes of the masks that a network draws for two images of 32 × 32 pixels. */
export const masksOf = (build: Network, training = true): string[] =>
  trace((at) => build(at, input("images", [2, 3, 32, 32]), CLASSES), { training }).noise.map(
    ({ name, leaf }) => `${name} ${leaf.shape.join("x")}`,
  );
