/**
 * npm run bench:gaps [-- --networks N] [--only CASE,CASE]
 *
 * The longest time in which Ctrl-C is not heard: the longest gap between two turns of the event
 * loop, for what is computed of all networks of a large run. N perceptrons of 3 322 parameters,
 * 16 000 by default, classify 10 000 images; nothing is trained. Where the time grows with the
 * square of N, only some rows are computed, as the gap does not depend on how many there are.
 */
import { parseArgs } from "node:util";
import { baseline } from "../src/baselines/index.ts";
import { fitLinearLatents } from "../src/diffusion/autoencoders/linear-latents.ts";
import { unnormalised } from "../src/diffusion/normalisations/normalisation.ts";
import { auditNetworks } from "../src/evaluation/audit/audit.ts";
import { distances } from "../src/evaluation/distances.ts";
import { embed } from "../src/evaluation/embedding.ts";
import { distanceMeter, nearestRows } from "../src/evaluation/nearest-distance.ts";
import { accuracies, greatest, type Mistakes, meanBetween, meanWithin } from "../src/evaluation/similarity.ts";
import { similarityByCount } from "../src/evaluation/similarity-by-count.ts";
import type { Layout } from "../src/layout/index.ts";
import { allEigenvectors, type MemoryMatrix, matrix } from "../src/numeric/index.ts";
import { foldIn, integers, type Key, key } from "../src/random/index.ts";
import { nodeDevice } from "../src/runtime-node/index.ts";
import { distributionsOf } from "../src/stages/audit/distributions.ts";
import { balanceAll } from "../src/symmetry/balance.ts";
import { canonicalSpace, toCanonicalSpace } from "../src/symmetry/canonical-form.ts";
import { perceptron, unitsIn } from "../src/symmetry/hidden-units.fixture.ts";
import { nearestByAssignment, nearestByMatching } from "../src/symmetry/unit-distance.ts";

const { values: options } = parseArgs({
  options: { networks: { type: "string", default: "16000" }, only: { type: "string" } },
});
const N = Number(options.networks);
const IMAGES = 10_000;
/** Networks whose nearest are looked for over all orders of hidden units. */
const SOME = Math.min(N, 8);
const MATCHED = Math.min(N, 30);
/** Samples, held-out networks and points of an embedding. */
const FEW = Math.min(N, 200);
const POINTS = Math.min(N, 600);
/** Files that `pdiff inspect` compares pair by pair, at most. */
const FILES = Math.min(N, 2000);

const device = nodeDevice({ name: "cpu", threads: 1 });
const { signal } = new AbortController();

/** Words of 32 bits. */
const words = (stream: Key, count: number): Int32Array => integers(stream, count, 2 ** 32);

/** Numbers like parameters, fast: the sum of four uniform ones. */
function parameters(name: string, count: number, size: number): Float32Array {
  const out = new Float32Array(count * size);
  for (let k = 0; k < count; k++) {
    const bits = words(foldIn(key(1), name, k), size);
    for (let i = 0; i < size; i++) {
      const word = bits[i]!;
      const sum = (word & 255) + ((word >>> 8) & 255) + ((word >>> 16) & 255) + (word >>> 24);
      out[k * size + i] = (sum - 510) / 1500;
    }
  }
  return out;
}

/** Networks that are wrong on one image of eight. */
function wrong(name: string, count: number): Mistakes {
  const wordsEach = Math.ceil(IMAGES / 32);
  const bits = new Uint32Array(count * wordsEach);
  const errors = new Uint32Array(count);
  for (let k = 0; k < count; k++) {
    const drawn = words(foldIn(key(2), name, k), 3 * wordsEach);
    for (let w = 0; w < wordsEach; w++) {
      let word = drawn[3 * w]! & drawn[3 * w + 1]! & drawn[3 * w + 2]!;
      if (w === wordsEach - 1) word &= (1 << (IMAGES % 32)) - 1;
      bits[k * wordsEach + w] = word;
      for (; word !== 0; word &= word - 1) errors[k]!++;
    }
  }
  return { count, images: IMAGES, words: wordsEach, bits, errors };
}

const shallow = perceptron(81, 36, 10);
const deep = perceptron(54, 36, 24, 18, 10);
const lazy = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
};
const zooOf = (layout: Layout) => lazy((): MemoryMatrix => matrix(parameters("zoo", N, layout.size), layout.size));
const [zoo, deepZoo] = [zooOf(shallow), zooOf(deep)];
const first = (of: MemoryMatrix, count: number) => matrix(of.values.slice(0, count * of.columns), of.columns);
const test = lazy(() => wrong("zoo", N));
const samplesTest = lazy(() => wrong("samples", FEW));

const placed = (of: Mistakes, scale: number) => {
  const apart = Float32Array.from({ length: of.count }, (_, i) => scale * (1 + ((i * 7919) % 1000) / 1000));
  return {
    scores: [...accuracies(of)],
    test: of,
    selection: of,
    raw: apart,
    standardised: apart,
    isolation: apart.map(() => 0.9),
  };
};

const cases: Readonly<Record<string, () => Promise<unknown>>> = {
  "distances: meter": async () =>
    distanceMeter({ originals: zoo().values, layout: shallow, trajectory: true, device, signal }),
  "distances: to mean": async () => distances(zoo().values, zoo().values, shallow.size, signal),
  "units: canonical form": async () => {
    const units = unitsIn(shallow);
    const space = await canonicalSpace(zoo(), units, axesOf(81), device, signal);
    await toCanonicalSpace(zoo(), space, device, signal);
  },
  "units: assignment": async () => {
    const units = unitsIn(shallow);
    const from = balanceAll(first(zoo(), SOME), units);
    return nearestByAssignment({ from: await from, to: zoo(), units, same: true }, device, signal);
  },
  "units: matching": async () => {
    const units = unitsIn(deep);
    const to = await balanceAll(deepZoo(), units, signal);
    const from = first(to, MATCHED);
    const nearest = await nearestRows({
      from: from.values,
      to: to.values,
      dimension: deep.size,
      count: 9,
      device,
      signal,
    });
    return nearestByMatching({ from, to, units, same: true }, nearest, signal);
  },
  "similarity: greatest": async () => greatest(test(), test(), signal),
  "similarity: within": async () => meanWithin(test(), signal),
  "similarity: between": async () => meanBetween(samplesTest(), test(), signal),
  "similarity: by count": async () =>
    similarityByCount(test(), [{ name: "samples", test: samplesTest() }], key(3), signal),
  statistics: async () =>
    auditNetworks({
      metric: { name: "accuracy", unit: "fraction", higherIsBetter: true, reason: "it is measured" },
      originals: placed(wrong("few", FEW), 1),
      samples: placed(test(), 1.1),
      heldOut: placed(wrong("held-out", FEW), 1),
      references: undefined,
      reconstructions: undefined,
      fineTuned: undefined,
      baselines: [{ name: "noise:0.05", family: "noise", ...placed(wrong("noise", FEW), 0.5) }],
      chance: 0.1,
      byUnits: false,
      neighbours: 0,
      originalsDiffer: true,
      toMean: 1,
      apart: 1,
      key: key(4),
      signal,
    } as Parameters<typeof auditNetworks>[0]),
  "embedding: pca": async () => embedding("pca"),
  "embedding: tsne": async () => embedding("tsne"),
  "embedding: umap": async () => embedding("umap"),
  distributions: async () => {
    const rows = (of: MemoryMatrix) =>
      Array.from({ length: of.rows }, (_, i) => of.values.subarray(i * of.columns, (i + 1) * of.columns));
    return distributionsOf(shallow, rows(zoo()), rows(first(zoo(), FEW)), signal);
  },
  "eigenvectors: all": async () => {
    const gram = new Float64Array(FILES * FILES);
    const rows = parameters("gram", FILES, FILES);
    for (let i = 0; i < FILES; i++)
      for (let j = 0; j <= i; j++) gram[i * FILES + j] = gram[j * FILES + i] = rows[i * FILES + j]!;
    return allEigenvectors(gram, FILES, signal);
  },
  "latents: linear": async () => {
    const checkpoints = first(zoo(), N);
    const normalisation = (start: number, end: number) => unnormalised(end - start);
    return fitLinearLatents({ checkpoints, normalisation, device, signal }, 64);
  },
  ...Object.fromEntries(
    ["average:16", "swag", "gaussian", "pca-gaussian:16", "crossover"].map((name) => [
      `baseline: ${name}`,
      async () =>
        baseline(name).draw(
          { values: zoo().values, count: N, dimension: shallow.size } as never,
          {
            layout: shallow,
            count: 100,
            key: key(5),
            device,
            signal,
          } as never,
        ),
    ]),
  ),
};

function axesOf(inputs: number) {
  const axes = new Float32Array(inputs * inputs);
  for (let i = 0; i < inputs; i++) axes[i * inputs + i] = 1;
  return { mean: new Float32Array(inputs), axes, variance: new Float32Array(inputs).fill(1) };
}

async function embedding(method: "pca" | "tsne" | "umap") {
  const { values, columns } = first(zoo(), POINTS);
  return embed({ method, vectors: values, dimension: columns, seed: 7, signal });
}

/** Milliseconds between two looks at the clock. */
const LOOK_MS = 10;

/** The longest gap between two turns of the event loop while something runs, and its time: s. */
async function gapOf(run: () => Promise<unknown>): Promise<{ longest: number; seconds: number }> {
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  const start = performance.now();
  let [last, longest] = [start, 0];
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(look, LOOK_MS);
  try {
    await run();
    look();
  } finally {
    clearInterval(timer);
  }
  return { longest: longest / 1000, seconds: (last - start) / 1000 };
}

const wanted = options.only?.split(",");
for (const [name, run] of Object.entries(cases)) {
  if (wanted !== undefined && !wanted.some((part) => name.startsWith(part))) continue;
  for (const made of [zoo, test, ...(name.startsWith("units: matching") ? [deepZoo] : [])]) made();
  const found = await gapOf(run).catch((error: Error) => error);
  const text =
    found instanceof Error
      ? `failed: ${found.message.slice(0, 100)}`
      : `${found.longest.toFixed(2).padStart(8)} s without a turn, of ${found.seconds.toFixed(1).padStart(7)} s`;
  console.log(`${name.padEnd(24)} ${text}`);
}
