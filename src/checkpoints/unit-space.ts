/**
 * The canonical form of networks, in which what differs between two of them is not the scale or the order of their hidden
 * units: every unit in balance, the first layer's weights along the principal axes of what it sees, the inputs' mean moved into
 * its biases, and the units in the order that fits a reference best by what each coordinate counts for the network's outputs.
 * What a network computes stays the same, and the change of axes, a rotation and a shift, is undone exactly.
 */
import { add, concat, constant, gemm, reshape, split, sub, type Tensor } from "../graph/index.ts";
import { batched, type Device } from "../runtime/index.ts";
import { allEigenvectors, upright } from "./eigenvectors.ts";
import { balanced, type HiddenUnits, type LayerPlace, parametersOf, reordered } from "./hidden-units.ts";
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
  return { units, axes, effects: coordinateEffects(seen, units, axes), reference: seen.slice(0, parametersOf(units)) };
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

/** Mean and mean square of max(0, x) for a normal x with mean m and variance s². */
function rectified(m: number, variance: number): { mean: number; square: number } {
  if (!(variance > 0)) return { mean: Math.max(0, m), square: Math.max(0, m) ** 2 };
  const s = Math.sqrt(variance);
  const density = Math.exp(-0.5 * (m / s) ** 2) / Math.sqrt(2 * Math.PI);
  const below = normalBelow(m / s);
  return { mean: m * below + s * density, square: (m * m + variance) * below + m * s * density };
}

/** The share of a standard normal distribution below x, to 1e-7 (Abramowitz and Stegun 7.1.26). */
function normalBelow(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = 0.5 * poly * Math.exp(-z * z);
  return x > 0 ? 1 - tail : tail;
}

/**
 * How much each coordinate counts, `[D]`: the root mean square change of the outputs where it changes by one, averaged over the
 * units of its layer and over networks. For a weight that is what it is multiplied by (the spread of the input along its axis,
 * or a ReLU's activation) times how far what it adds to reaches on (the norm of outgoing weights, layer by layer, and what
 * normalisations multiply by). Sums of inputs count as normally distributed, and places of a convolution as one.
 * @param networks balanced, in the axes: `[n, D]`.
 */
export function coordinateEffects(networks: Float32Array, units: HiddenUnits, { variance }: InputAxes): Float32Array {
  const d = parametersOf(units);
  const n = networks.length / d;
  // Of each layer's outputs: mean square after the ReLU, and mean squared norm of outgoing weights; where they are normalised,
  // mean squares of what is then multiplied, and of what it was multiplied by on the way there.
  const [activation, outgoing, normal, gain] = Array.from({ length: 4 }, () => new Float64Array(units.length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let k = 0; k < n; k++) {
    const v = networks.subarray(k * d, (k + 1) * d);
    let means = new Float64Array(units[0].inputs);
    let variances = Float64Array.from(variance);
    units.forEach(({ inputs, each, outputs, weight, bias, norm }, l) => {
      const fanIn = inputs * each;
      if (l > 0) outgoing[l - 1]! += squares(v, weight, weight + fanIn * outputs) / inputs / n;
      const [nextMeans, nextVariances] = [new Float64Array(outputs), new Float64Array(outputs)];
      for (let u = 0; u < outputs; u++) {
        let [m, s] = [v[bias + u]!, 0];
        for (let i = 0; i < fanIn; i++) {
          const w = v[weight + u * fanIn + i]!;
          const from = Math.floor(i / each);
          m += w * means[from]!;
          s += w * w * variances[from]!;
        }
        [nextMeans[u], nextVariances[u]] = [m, s];
      }
      const all = { mean: average(nextMeans), square: average(nextMeans.map((m, u) => m * m + nextVariances[u]!)) };
      for (let u = 0; u < outputs; u++) {
        let [m, s] = [nextMeans[u]!, nextVariances[u]!];
        let places = [rectified(m, s)];
        if (norm !== undefined) {
          const spread = norm.alone ? s : all.square - all.mean ** 2;
          const unit = spread > 0 ? 1 / Math.sqrt(spread) : 0;
          [m, s] = [(m - (norm.alone ? m : all.mean)) * unit, s * unit * unit];
          const start = u * norm.each;
          const [scale, shift] = [norm.weight, norm.bias].map((o) => v.subarray(o + start, o + start + norm.each));
          places = Array.from(scale!, (g, p) => rectified(g * m + shift![p]!, g * g * s));
          normal[l]! += (m * m + s) / outputs / n;
          gain[l]! += (unit * unit * squares(scale!, 0, norm.each)) / norm.each / outputs / n;
        }
        const [mean, square] = [average(places.map((p) => p.mean)), average(places.map((p) => p.square))];
        nextMeans[u] = mean;
        nextVariances[u] = square - mean * mean;
        activation[l]! += square / outputs / n;
      }
      [means, variances] = [nextMeans, nextVariances];
    });
  }
  const effects = new Float32Array(d);
  let reach = 1;
  for (let l = units.length - 1; l >= 0; l--) {
    const { inputs, each, outputs, weight, bias, norm } = units[l]!;
    const fanIn = inputs * each;
    reach *= l === units.length - 1 ? 1 : Math.sqrt(outgoing[l]!);
    if (norm !== undefined) {
      // A number for one place of a channel moves that place alone, and the mean of all places by so much less.
      const size = outputs * norm.each;
      effects.fill((reach * Math.sqrt(normal[l]!)) / norm.each, norm.weight, norm.weight + size);
      effects.fill(reach / norm.each, norm.bias, norm.bias + size);
      reach *= Math.sqrt(gain[l]!);
    }
    effects.fill(reach, bias, bias + outputs);
    for (let i = 0; i < fanIn; i++) {
      const seen = Math.sqrt(l === 0 ? variance[i]! : activation[l - 1]!);
      for (let u = 0; u < outputs; u++) effects[weight + u * fanIn + i] = reach * seen;
    }
  }
  return effects;
}

const average = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
};

function squares(values: Float32Array, start: number, end: number): number {
  let sum = 0;
  for (let i = start; i < end; i++) sum += values[i]! ** 2;
  return sum;
}

/** Vectors `[n, D]` with every coordinate times its factor. */
export function scaled(vectors: Float32Array, factors: Float32Array): Float32Array {
  const d = factors.length;
  return vectors.map((x, i) => x * factors[i % d]!);
}
