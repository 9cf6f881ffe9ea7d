/**
 * How much each coordinate of a network counts for its outputs: what a weight is multiplied by, times how far what it adds to
 * reaches on. From the networks alone, without running them on images: sums of inputs count as normally distributed.
 */
import { type HiddenUnits, type LayerPlace, parametersOf } from "./hidden-units.ts";

/** Of a layer, on average over its units and over networks. */
interface LayerMeans {
  /** Mean square of its outputs after the ReLU. */
  activation: number;
  /** Mean squared norm of the outgoing weights. */
  outgoing: number;
  /** Where they are normalised: mean square of what is then multiplied, and of what it was multiplied by on the way there. */
  normal: number;
  gain: number;
}

/** Means and variances of the inputs or outputs of a layer. */
interface Moments {
  readonly means: Float64Array;
  readonly variances: Float64Array;
}

/**
 * The effects of coordinates, `[D]`: the root mean square change of the outputs where one changes by one, averaged over the
 * units of its layer and over networks. For a weight that is the spread of the input along its axis, or a ReLU's activation,
 * times the norm of outgoing weights, layer by layer, and what normalisations multiply by. Places of a convolution count as one.
 * @param networks balanced, in the axes: `[n, D]`.
 * @param variance of the inputs along each axis, `[inputs]`.
 */
export function coordinateEffects(networks: Float32Array, units: HiddenUnits, variance: Float32Array): Float32Array {
  return effectsOf(units, variance, layerMeans(networks, units, variance));
}

function layerMeans(networks: Float32Array, units: HiddenUnits, variance: Float32Array): readonly LayerMeans[] {
  const d = parametersOf(units);
  const n = networks.length / d;
  const means = units.map((): LayerMeans => ({ activation: 0, outgoing: 0, normal: 0, gain: 0 }));
  for (let k = 0; k < n; k++) {
    const v = networks.subarray(k * d, (k + 1) * d);
    let moments: Moments = { means: new Float64Array(units[0].inputs), variances: Float64Array.from(variance) };
    units.forEach((layer, l) => {
      const { inputs, each, outputs, weight } = layer;
      if (l > 0) means[l - 1]!.outgoing += squares(v, weight, weight + inputs * each * outputs) / inputs / n;
      moments = activated(v, layer, linear(v, layer, moments), means[l]!, n);
    });
  }
  return means;
}

/** Moments of a layer's sums: of what is multiplied by weights and added up. */
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

/** Moments after the normalisation, where there is one, and the ReLU; adds to the layer's means what one of `n` networks does. */
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
      const [scale, shift] = [norm.weight, norm.bias].map((o) => v.subarray(o + start, o + start + norm.each));
      places = Array.from(scale!, (g, p) => rectified(g * m + shift![p]!, g * g * s));
      into.normal += (m * m + s) / outputs / n;
      into.gain += (unit * unit * squares(scale!, 0, norm.each)) / norm.each / outputs / n;
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
  // How far the outputs of a layer reach on, from the last layer to the first.
  let reach = 1;
  for (let l = units.length - 1; l >= 0; l--) {
    const { inputs, each, outputs, weight, bias, norm } = units[l]!;
    const { outgoing, normal, gain } = means[l]!;
    const fanIn = inputs * each;
    reach *= l === units.length - 1 ? 1 : Math.sqrt(outgoing);
    if (norm !== undefined) {
      // A number for one place of a channel moves that place alone, and the mean of all places by so much less.
      const size = outputs * norm.each;
      effects.fill((reach * Math.sqrt(normal)) / norm.each, norm.weight, norm.weight + size);
      effects.fill(reach / norm.each, norm.bias, norm.bias + size);
      reach *= Math.sqrt(gain);
    }
    effects.fill(reach, bias, bias + outputs);
    for (let i = 0; i < fanIn; i++) {
      const seen = Math.sqrt(l === 0 ? variance[i]! : means[l - 1]!.activation);
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
