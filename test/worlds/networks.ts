/** Samples of known kinds, made of trained networks: copies, averages, fresh ones, and others. */
import { quantile } from "../../src/numeric/index.ts";
import { foldIn, type Key, normal, permutation } from "../../src/random/index.ts";
import { type HiddenUnits, outgoingRanges, reorder, scaledRanges } from "../../src/symmetry/hidden-units.ts";

type Networks = readonly Float32Array[];

/** What samples are made of. */
export interface Ingredients {
  readonly originals: Networks;
  /** More networks of the same process, which nothing learned from; none of a trajectory. */
  readonly fresh: Networks;
  /** Fresh networks that were trained for a third as long. */
  readonly young: Networks;
  readonly units: HiddenUnits;
  /** Number of samples. */
  readonly count: number;
  readonly key: Key;
}

/** A kind of samples, and the verdicts that are right. */
export interface World {
  readonly name: string;
  readonly right: readonly RegExp[];
  readonly samples: Networks;
}

/** The same function with hidden units in other orders and at other scales. */
function disguised(network: Float32Array, units: HiddenUnits, of: Key): Float32Array {
  const orders = units.slice(0, -1).map(({ outputs }, l) => permutation(foldIn(of, "order", l), outputs));
  const other = reorder(network, units, orders);
  units.slice(0, -1).forEach((layer, l) => {
    normal(foldIn(of, "scale", l), layer.outputs).forEach((z, u) => {
      const scale = Math.exp(z / 2);
      const times = (ranges: Iterable<readonly [number, number]>, factor: number) => {
        for (const [start, end] of ranges) for (let i = start; i < end; i++) other[i]! *= factor;
      };
      times(scaledRanges(layer, u), scale);
      times(outgoingRanges(units[l + 1]!, u), 1 / scale);
    });
  });
  return other;
}

/** The same probabilities: what is added to the last layer is the same for all classes. */
function shifted(network: Float32Array, units: HiddenUnits, of: Key): Float32Array {
  const { inputs, each, outputs, weight, bias } = units.at(-1)!;
  const width = inputs * each;
  const shift = normal(of, width + 1);
  const other = network.slice();
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < width; i++) other[weight + o * width + i]! += 3 * shift[i]!;
    other[bias + o]! += 3 * shift[width]!;
  }
  return other;
}

const sum = (a: Float32Array, b: Float32Array, weight = 1): Float32Array => a.map((x, i) => x + weight * b[i]!);

function meanOf(networks: Networks): Float32Array {
  const mean = new Float32Array(networks[0]!.length);
  for (const network of networks) network.forEach((x, i) => void (mean[i]! += x / networks.length));
  return mean;
}

/** Draws of a normal distribution for each parameter. */
function gaussian(networks: Networks, count: number, of: Key): Networks {
  const mean = meanOf(networks);
  const deviation = mean.map((m, i) =>
    Math.sqrt(networks.reduce((all, network) => all + (network[i]! - m) ** 2, 0) / networks.length),
  );
  return Array.from({ length: count }, (_, k) =>
    normal(foldIn(of, k), mean.length).map((z, i) => mean[i]! + z * deviation[i]!),
  );
}

/** The median distance between originals that follow one another in the list. */
function scaleOf(networks: Networks): number {
  const apart = networks.slice(1).map((network, i) => Math.hypot(...sum(network, networks[i]!, -1)));
  return quantile(Float64Array.from(apart).sort(), 0.5);
}

/** Samples that no generator made, each with the verdicts that are right. */
export function worldsOf({ originals, fresh, young, units, count, key }: Ingredients): World[] {
  const some = (name: string, networks: Networks, n = count): Float32Array[] => {
    const order = permutation(foldIn(key, name), networks.length);
    return Array.from({ length: n }, (_, i) => networks[order[i % order.length]!]!);
  };
  const noise = (name: string, i: number, size: number) => {
    const drawn = normal(foldIn(key, name, i), originals[0]!.length);
    return drawn.map((z) => (z * size) / Math.sqrt(drawn.length));
  };
  const scale = scaleOf(originals);
  const moved = (name: string, networks: Networks) =>
    networks.map((network, i) => disguised(network, units, foldIn(key, name, i)));
  const noisy = (name: string, networks: Networks, share: number) =>
    networks.map((network, i) => sum(network, noise(name, i, share * scale)));
  const replica = [/^replica$/];
  const simple = [/^average-like$/, /^gaussian-like$/, /^broken$/, /^replica$/];
  const worlds: World[] = [
    { name: "copies", right: replica, samples: some("copies", originals) },
    { name: "copies with units moved", right: replica, samples: moved("moved", some("copies", originals)) },
    { name: "copies with a little noise", right: replica, samples: noisy("noise", some("copies", originals), 0.05) },
    {
      name: "copies that softmax cannot tell",
      right: replica,
      samples: some("copies", originals).map((network, i) => shifted(network, units, foldIn(key, "shift", i))),
    },
    {
      name: "one original again and again",
      right: [/^replica$/, /^collapsed$/],
      samples: some("one", originals.slice(0, 1)),
    },
    {
      name: "averages of four",
      right: simple,
      samples: Array.from({ length: count }, (_, i) => meanOf(some(`average ${i}`, originals, 4))),
    },
    { name: "draws of a Gaussian", right: simple, samples: gaussian(originals, count, foldIn(key, "gaussian")) },
    {
      name: "noise",
      right: [/^broken$/],
      samples: gaussian(
        originals.map((network) => network.map((x) => 3 * x)),
        count,
        foldIn(key, "junk"),
      ).map((network) => sum(network, meanOf(originals), -3)),
    },
  ];
  if (fresh.length === 0) return worlds;
  const unseen = some("fresh", fresh);
  const mixed = (copies: number) => [
    ...moved("mixed", some("mixed", originals, copies)),
    ...unseen.slice(0, count - copies),
  ];
  const part = (copies: number): World => ({
    name: `${copies} copies among ${count}`,
    right: [new RegExp(`^replica in part: ${copies} of ${count}$`)],
    samples: mixed(copies),
  });
  return [
    ...worlds,
    { name: "fresh networks", right: [/^novel$/], samples: unseen },
    { name: "fresh networks with units moved", right: [/^novel$/], samples: moved("fresh", unseen) },
    part(Math.round(0.1 * count)),
    part(Math.round(0.2 * count)),
    part(Math.round(0.3 * count)),
    { name: "half copies", right: [/^replica/], samples: mixed(count / 2) },
    { name: "one fresh network again and again", right: [/^collapsed$/], samples: some("one", fresh.slice(0, 1)) },
    {
      name: "five fresh networks with a little noise",
      right: [/^collapsed$/],
      samples: noisy("five", some("five", fresh.slice(0, 5)), 0.02),
    },
    {
      name: "fresh networks of a third of the training",
      right: [/^new, \d/, /^average-like$/, /^gaussian-like$/, /^noise-like$/, /^broken$/],
      samples: some("young", young),
    },
    {
      name: "fresh networks and noise",
      right: [/^new, \d/, /^average-like$/, /^gaussian-like$/, /^noise-like$/, /^broken$/],
      samples: [...unseen.slice(0, Math.round(0.6 * count)), ...worlds.at(-1)!.samples.slice(Math.round(0.6 * count))],
    },
  ];
}
