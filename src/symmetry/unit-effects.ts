/**
 * How much each coordinate of a network counts for its outputs: the input that a weight multiplies,
 * times how strongly the unit that it adds to acts on the outputs. This is estimated from the
 * networks alone, without running them on images, on the assumption that the inputs of each
 * activation are normally distributed.
 */
import { yieldToEvents } from "../event-loop.ts";
import { at } from "../lookup.ts";
import { type MemoryMatrix, rowOf } from "../numeric/index.ts";
import { type HiddenUnits, type LayerPlace, parametersOf } from "./hidden-units.ts";

/** Means over the units of a layer and over networks. */
interface LayerMeans {
  /** Mean square of its outputs after the ReLU. */
  activation: number;
  /** Mean squared norm of the outgoing weights. */
  outgoing: number;
  /** With a normalisation: mean square of the normalised sums. */
  normal: number;
  /**
   * With a normalisation: mean square of the factor from a sum to its normalised and scaled value.
   */
  gain: number;
}

/** Means and variances of the inputs or outputs of a layer. */
interface Moments {
  readonly means: Float64Array;
  readonly variances: Float64Array;
}

/**
 * The effects of coordinates, `[D]`: the root mean square change of the outputs when a coordinate
 * changes by one, averaged over the units of its layer and over networks. For a weight it is the
 * spread of its input (along an axis, or after a ReLU), times the norms of the outgoing weights and
 * the factors of normalisations in all later layers. All positions of a convolution count as one.
 * @param networks balanced and along the input axes, `[n, D]`.
 * @param variance of the inputs along each axis, `[inputs]`.
 * @throws Interrupted when the signal aborts.
 */
export async function coordinateEffects(
  networks: MemoryMatrix,
  units: HiddenUnits,
  variance: Float32Array,
  signal?: AbortSignal,
): Promise<Float32Array> {
  return effectsOf(units, variance, await layerMeans(networks, units, variance, signal));
}

async function layerMeans(
  networks: MemoryMatrix,
  units: HiddenUnits,
  variance: Float32Array,
  signal: AbortSignal | undefined,
): Promise<readonly LayerMeans[]> {
  const n = networks.rows;
  const means = units.map((): LayerMeans => ({ activation: 0, outgoing: 0, normal: 0, gain: 0 }));
  for (let k = 0; k < n; k++) {
    await yieldToEvents(signal);
    const v = rowOf(networks, k);
    let moments: Moments = { means: new Float64Array(units[0].inputs), variances: Float64Array.from(variance) };
    units.forEach((layer, l) => {
      const { inputs, each, outputs, weight } = layer;
      if (l > 0) at(means, l - 1).outgoing += squares(v, weight, weight + inputs * each * outputs) / inputs / n;
      moments = activated(v, layer, linear(v, layer, moments), at(means, l), n);
    });
  }
  return means;
}

/** Moments of a layer's weighted sums of its inputs. */
function linear(v: Float32Array, { inputs, each, outputs, weight, bias }: LayerPlace, from: Moments): Moments {
  const fanIn = inputs * each;
  const [means, variances] = [new Float64Array(outputs), new Float64Array(outputs)];
  for (let u = 0; u < outputs; u++) {
    let [m, s] = [v[bias + u]!, 0];
    for (let i = 0; i < fanIn; i++) {
      const w = v[weight + u * fanIn + i]!;
      const input = Math.floor(i / each);
      m += w * from.means[input]!;
      s += w * w * from.variances[input]!;
    }
    [means[u], variances[u]] = [m, s];
  }
  return { means, variances };
}

/**
 * Moments after the normalisation, if there is one, and the ReLU. Adds one of `n` networks to the
 * layer's means.
 */
function activated(
  v: Float32Array,
  { outputs, norm }: LayerPlace,
  sums: Moments,
  into: LayerMeans,
  n: number,
): Moments {
  const all = {
    mean: average(sums.means),
    square: average(sums.means.map((m, u) => m * m + sums.variances[u]!)),
  };
  const [means, variances] = [new Float64Array(outputs), new Float64Array(outputs)];
  for (let u = 0; u < outputs; u++) {
    let [m, s] = [sums.means[u]!, sums.variances[u]!];
    let places = [rectified(m, s)];
    if (norm !== undefined) {
      const spread = norm.alone ? s : all.square - all.mean ** 2;
      const unit = spread > 0 ? 1 / Math.sqrt(spread) : 0;
      [m, s] = [(m - (norm.alone ? m : all.mean)) * unit, s * unit * unit];
      const start = u * norm.each;
      const affine = (offset: number) => v.subarray(offset + start, offset + start + norm.each);
      const [scale, shift] = [affine(norm.weight), affine(norm.bias)];
      places = Array.from(scale, (g, p) => rectified(g * m + at(shift, p), g * g * s));
      into.normal += (m * m + s) / outputs / n;
      into.gain += (unit * unit * squares(scale, 0, norm.each)) / norm.each / outputs / n;
    }
    const [mean, square] = [average(places.map((p) => p.mean)), average(places.map((p) => p.square))];
    means[u] = mean;
    variances[u] = square - mean * mean;
    into.activation += square / outputs / n;
  }
  return { means, variances };
}

function effectsOf(units: HiddenUnits, variance: Float32Array, means: readonly LayerMeans[]): Float32Array {
  const effects = new Float32Array(parametersOf(units));
  // How strongly the outputs of a layer act on the network's outputs, from the last layer to the
  // first.
  let reach = 1;
  for (let l = units.length - 1; l >= 0; l--) {
    const { inputs, each, outputs, weight, bias, norm } = at(units, l);
    const { outgoing, normal, gain } = at(means, l);
    const fanIn = inputs * each;
    reach *= l === units.length - 1 ? 1 : Math.sqrt(outgoing);
    if (norm !== undefined) {
      // A number for one position of a channel moves the mean over all positions by 1 / each.
      const size = outputs * norm.each;
      effects.fill((reach * Math.sqrt(normal)) / norm.each, norm.weight, norm.weight + size);
      effects.fill(reach / norm.each, norm.bias, norm.bias + size);
      reach *= Math.sqrt(gain);
    }
    effects.fill(reach, bias, bias + outputs);
    for (let i = 0; i < fanIn; i++) {
      const seen = Math.sqrt(l === 0 ? variance[i]! : at(means, l - 1).activation);
      for (let u = 0; u < outputs; u++) effects[weight + u * fanIn + i] = reach * seen;
    }
  }
  return effects;
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
