/**
 * The canonical form of networks, in which what differs between two of them is not the scale or the order of their hidden
 * units: every unit in balance, the first layer's weights along the principal axes of what it sees, the inputs' mean moved into
 * its biases, and the units in the order that fits a reference best by what each coordinate counts for the network's outputs.
 * What a network computes stays the same, and the change of axes, a rotation and a shift, is undone exactly.
 */
import { add, concat, constant, gemm, reshape, split, sub, type Tensor } from "../graph/index.ts";
import { allEigenvectors, upright } from "../numeric/index.ts";
import { batched, type Device } from "../runtime/index.ts";
import { balanced, type HiddenUnits, type LayerPlace, parametersOf, reordered } from "./hidden-units.ts";
import { coordinateEffects } from "./unit-effects.ts";
import { matchingOrders } from "./unit-matching.ts";

/** What a first layer sees. */
export interface InputAxes {
  /** Of the inputs, `[inputs]`. */
  readonly mean: Float32Array;
  /** Orthonormal, by falling variance, one after another: `[inputs, inputs]`. */
  readonly axes: Float32Array;
  /** Of the inputs along each axis, `[inputs]`. */
  readonly variance: Float32Array;
}

/**
 * The principal axes of inputs.
 * @param mean `[inputs]`; covariance `[inputs, inputs]`.
 */
export function principalAxes(mean: Float64Array, covariance: Float64Array): InputAxes {
  const n = mean.length;
  const found = allEigenvectors(covariance, n);
  const axes = new Float32Array(n * n);
  for (const [row, { vector }] of found.entries()) axes.set(upright(vector), row * n);
  return {
    mean: Float32Array.from(mean),
    axes,
    variance: Float32Array.from(found, ({ value }) => Math.max(0, value)),
  };
}

/** The first layer's weights `[n, outputs × inputs]` and biases, and all that comes after them. */
function firstLayer(v: Tensor, { inputs, outputs }: LayerPlace) {
  const [n, d] = v.shape as [number, number];
  const size = inputs * outputs;
  const [weight, bias, rest] = split(v, [size, outputs, d - size - outputs], 1) as [Tensor, Tensor, Tensor];
  return { rows: reshape(weight, [n * outputs, inputs]), bias, rest };
}

/** The graph of networks `[n, D]` in the axes: w ↦ A w, b ↦ b + w · mean. */
export function inAxes(v: Tensor, [first]: HiddenUnits, { mean, axes }: InputAxes): Tensor {
  const { inputs, outputs } = first;
  const { rows, bias, rest } = firstLayer(v, first);
  const turned = gemm(rows, constant(axes, [inputs, inputs]), { transB: true });
  const shift = reshape(gemm(rows, constant(mean, [inputs, 1])), bias.shape);
  return concat([reshape(turned, [v.shape[0]!, outputs * inputs]), add(bias, shift), rest], 1);
}

/** Undoes `inAxes`. */
export function fromAxes(v: Tensor, [first]: HiddenUnits, { mean, axes }: InputAxes): Tensor {
  const { inputs, outputs } = first;
  const { rows, bias, rest } = firstLayer(v, first);
  const turned = gemm(rows, constant(axes, [inputs, inputs]));
  const shift = reshape(gemm(turned, constant(mean, [inputs, 1])), bias.shape);
  return concat([reshape(turned, [v.shape[0]!, outputs * inputs]), sub(bias, shift), rest], 1);
}

/** Networks turned at a time. */
const BATCH = 100;

/** Networks `[n, D]` turned by a graph. */
async function turned(
  vectors: Float32Array,
  d: number,
  graph: (v: Tensor) => Tensor,
  device: Device,
): Promise<Float32Array> {
  const rows = batched(graph, { from: d, to: d, batch: Math.min(BATCH, vectors.length / d), device });
  try {
    return await rows.run(vectors);
  } finally {
    await rows.release();
  }
}

/** Networks `[n, D]`, each with its units in balance. */
export function allBalanced(vectors: Float32Array, units: HiddenUnits): Float32Array {
  const d = parametersOf(units);
  const out = new Float32Array(vectors.length);
  for (let at = 0; at < out.length; at += d) out.set(balanced(vectors.subarray(at, at + d), units), at);
  return out;
}

/** All that the canonical form of networks depends on. */
export interface UnitSpace {
  readonly units: HiddenUnits;
  readonly axes: InputAxes;
  /** How much each coordinate counts, `[D]`. */
  readonly effects: Float32Array;
  /** The network by which units are ordered, balanced and in the axes, `[D]`. */
  readonly reference: Float32Array;
}

/**
 * The space of a zoo.
 * @param vectors its networks, `[K, D]`; the first is the one by which units are ordered.
 */
export async function unitSpace(
  vectors: Float32Array,
  units: HiddenUnits,
  axes: InputAxes,
  device: Device,
): Promise<UnitSpace> {
  const seen = await balancedInAxes(vectors, { units, axes }, device);
  return {
    units,
    axes,
    effects: coordinateEffects(seen, units, axes.variance),
    reference: seen.slice(0, parametersOf(units)),
  };
}

/** Networks `[n, D]` in the axes, each with its units in balance. */
const balancedInAxes = (
  vectors: Float32Array,
  { units, axes }: Pick<UnitSpace, "units" | "axes">,
  device: Device,
): Promise<Float32Array> =>
  turned(allBalanced(vectors, units), parametersOf(units), (v) => inAxes(v, units, axes), device);

/** Networks `[n, D]` in canonical form and in the axes. */
export async function toUnitSpace(vectors: Float32Array, space: UnitSpace, device: Device): Promise<Float32Array> {
  const { units, effects, reference } = space;
  const d = effects.length;
  const seen = await balancedInAxes(vectors, space, device);
  const theirs = scaled(reference, effects);
  for (let at = 0; at < seen.length; at += d) {
    const own = seen.subarray(at, at + d);
    if (!own.every(Number.isFinite)) continue; // Nothing fits what is not a number.
    seen.set(reordered(own, units, matchingOrders(scaled(own, effects), theirs, units)), at);
  }
  return seen;
}

/** Networks `[n, D]` in canonical form, as they are run. */
export async function canonicalForms(vectors: Float32Array, space: UnitSpace, device: Device): Promise<Float32Array> {
  const { units, axes, effects } = space;
  const seen = await toUnitSpace(vectors, space, device);
  return turned(seen, effects.length, (v) => fromAxes(v, units, axes), device);
}

/** Vectors `[n, D]` with every coordinate times its factor. */
export function scaled(vectors: Float32Array, factors: Float32Array): Float32Array {
  const d = factors.length;
  return vectors.map((x, i) => x * factors[i % d]!);
}
