import { beforeAll, describe, expect, it } from "vitest";
import { baseline } from "../../baselines/index.ts";
import { layoutOf } from "../../layout/index.ts";
import { foldIn, key, normal, uniform } from "../../random/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { distanceMeter } from "../nearest-distance.ts";
import { accuracies, type Mistakes, mistakes } from "../similarity.ts";
import type { AuditStatistics } from "./audit.ts";
import { ACCURACY, acceptanceThresholdOf, auditNetworks, classified } from "./audit.ts";
import type { AuditInput } from "./audit-input.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

/** Worlds in which a network is a point and it is known what is near, new, or good. */
const D = 24;
const K = 80;
const HELD_OUT = 30;
const SAMPLES = 60;
const DRAWS = 30;
const IMAGES = { selection: 500, test: 600 };
const CLASSES = 10;
const layout = layoutOf([
  { name: "a", shape: [D / 2] },
  { name: "b", shape: [D / 2] },
]);

/** A world: how far from good a vector is, and vectors made as its process makes them. */
interface World {
  /** 0 is as good as can be. */
  badness(v: Float32Array): number;
  fresh(name: string, count: number): Float32Array;
}

const rows = (values: Float32Array): Float32Array[] =>
  Array.from({ length: values.length / D }, (_, i) => values.subarray(i * D, (i + 1) * D));
const flat = (vectors: readonly Float32Array[]): Float32Array => Float32Array.from(vectors.flatMap((v) => [...v]));

/**
 * One basin: originals are scattered around its bottom, so whatever moves to the middle gets
 * better.
 */
const basin: World = {
  badness: (v) => v.reduce((sum, x) => sum + x * x, 0) / D,
  fresh: (name, count) => normal(foldIn(key(1), name), count * D),
};

/**
 * A thin shell: good vectors lie at one distance from the middle and nowhere else, as independently
 * trained networks lie about an average that is none. What is drawn from a Gaussian misses it, and
 * so do averages.
 */
const shell: World = {
  badness(v) {
    const plane = Math.hypot(v[0]!, v[1]!);
    const rest = v.subarray(2).reduce((sum, x) => sum + x * x, 0) / (D - 2);
    return Math.abs(plane - 8) / 2 + 40 * rest;
  },
  fresh(name, count) {
    const angles = uniform(foldIn(key(2), name, "angle"), count);
    const rest = normal(foldIn(key(2), name, "rest"), count * D);
    return flat(
      Array.from({ length: count }, (_, i) => {
        const v = rest.slice(i * D, (i + 1) * D).map((x) => x / 20);
        v[0] = 8 * Math.cos(2 * Math.PI * angles[i]!) + v[0]!;
        v[1] = 8 * Math.sin(2 * Math.PI * angles[i]!) + v[1]!;
        return v;
      }),
    );
  },
};

/**
 * The mistakes of networks: image i is wrong where its own threshold, shared by all, lies below
 * badness with some taste.
 */
function mistakesOn(world: World, vectors: Float32Array, split: keyof typeof IMAGES): Mistakes {
  const images = IMAGES[split];
  const thresholds = uniform(foldIn(key(3), split), images);
  const tastes = normal(foldIn(key(4), split), images * 4);
  const labels = new Uint8Array(images);
  const predictions = rows(vectors).flatMap((v) => {
    const error = Math.min(0.97, 0.08 + 0.03 * Math.max(0, world.badness(v)));
    return Array.from(thresholds, (threshold, i) => {
      const taste = tastes[4 * i]! * v[0]! + tastes[4 * i + 1]! * v[5]! + tastes[4 * i + 2]! * v[11]!;
      return threshold + 0.04 * taste < error || !Number.isFinite(error) ? 1 : 0;
    });
  });
  return mistakes(predictions, labels);
}

/** The predictions of networks on both splits, and their scores. */
const classifiedIn = (world: World, vectors: Float32Array) =>
  classified({ test: mistakesOn(world, vectors, "test"), selection: mistakesOn(world, vectors, "selection") });

const usualBaselines = [
  "noise:0.05",
  "noise:0.5",
  "noise:2",
  "interpolate",
  "average:2",
  "average:4",
  "average:16",
  "average:all",
];
const gaussians = ["gaussian", "pca-gaussian", "swag"];

/** The audit of some samples in a world. */
async function audited(world: World, samples: Float32Array, more: Partial<AuditInput> = {}): Promise<AuditStatistics> {
  const originals = world.fresh("originals", K);
  const heldOut = world.fresh("held out", HELD_OUT);
  const meter = await distanceMeter({ originals, layout, trajectory: false, device });
  const measured = async (vectors: Float32Array) => ({
    ...(await meter.measure(vectors)),
    ...classifiedIn(world, vectors),
  });
  const held = await measured(heldOut);
  const baselines = [];
  for (const name of [...usualBaselines, ...gaussians]) {
    const { family, single, draw } = baseline(name);
    const vectors = await draw(
      { count: K, dimension: D, values: originals },
      { count: single ? 1 : DRAWS, key: foldIn(key(5), name), layout, device },
    );
    baselines.push({ name, family, ...(await measured(vectors)) });
  }
  return auditNetworks({
    metric: ACCURACY,
    originals: {
      ...meter.originals,
      ...classifiedIn(world, originals),
    },
    heldOut: held,
    samples: await measured(samples),
    baselines,
    acceptanceThreshold: acceptanceThresholdOf(accuracies(held.selection)),
    chance: 1 / CLASSES,
    neighbours: meter.neighbours,
    originalsDiffer: true,
    toMean: 1,
    apart: 1,
    key: key(6),
    ...more,
  });
}

/** Originals, each a little moved. */
const copies = (world: World, noise: number): Float32Array => {
  const originals = rows(world.fresh("originals", K));
  const moves = normal(key(7), SAMPLES * D);
  return flat(
    Array.from({ length: SAMPLES }, (_, i) => originals[i % K]!.map((x, j) => x + noise * moves[i * D + j]!)),
  );
};

const drawn = (world: World, name: string): Promise<Float32Array> =>
  baseline(name).draw(
    { count: K, dimension: D, values: world.fresh("originals", K) },
    { count: SAMPLES, key: key(8), layout, device },
  );

describe("the audit calls", () => {
  it.each([
    ["exact copies", 0],
    ["copies with a little noise", 0.005],
  ])("%s a replica", async (_, noise) => {
    for (const world of [basin, shell]) {
      const { verdict, copying } = await audited(world, copies(world, noise));
      expect(verdict.name).toBe("replica");
      expect(verdict.rule).toMatch(/60 of 60 samples lie within 0\.\d\d of one original/);
      expect(copying).toMatchObject({ nearDuplicates: SAMPLES });
      expect(copying.zu).toBeLessThan(-5);
      expect(copying.p).toBeLessThan(0.01);
    }
  });

  it("averages of a basin average-like, and finds their signature", async () => {
    const { verdict, averaging, excess } = await audited(basin, await drawn(basin, "average:16"));
    expect(verdict.name).toBe("average-like");
    expect(averaging).toMatchObject({ signature: true });
    expect(excess.find(({ family }) => family === "average")!.excess.low).toBeLessThan(0);
  });

  it("draws from a Gaussian fitted to a basin gaussian-like", async () => {
    const { verdict, copying } = await audited(basin, await drawn(basin, "pca-gaussian"));
    expect(verdict.name).toBe("gaussian-like");
    expect(copying.nearDuplicates).toBe(0);
  });

  it("fresh draws of a basin no more than Gaussian: there, nothing is better", async () => {
    const { verdict } = await audited(basin, basin.fresh("samples", SAMPLES));
    expect(["gaussian-like", "average-like"]).toContain(verdict.name);
  });

  it.each([1.2, 1.5])(
    "draws of a Gaussian too wide by %d no more than Gaussian, though no baseline lies as far out",
    async (wide) => {
      const { verdict, groups } = await audited(
        basin,
        basin.fresh("samples", SAMPLES).map((x) => wide * x),
      );
      expect(verdict.name).toBe("gaussian-like");
      const [samples, gaussian] = ["samples", "pca-gaussian"].map((name) => groups.find((g) => g.name === name)!);
      expect(samples!.distance.median).toBeGreaterThan(gaussian!.distance.median);
      expect(samples!.score!.mean.value).toBeLessThan(gaussian!.score!.mean.value);
    },
  );

  it.each([
    ["exact", 0],
    ["noisy", 0.005],
  ])("%s copies a replica where every original was given twice", async (_, noise) => {
    const twice: World = {
      badness: basin.badness,
      fresh(name, count) {
        if (name !== "originals") return basin.fresh(name, count);
        const half = rows(basin.fresh(name, count / 2));
        return flat([...half, ...half]);
      },
    };
    const { verdict, copying } = await audited(twice, copies(twice, noise));
    expect(verdict.name).toBe("replica");
    expect(copying).toMatchObject({ nearDuplicates: SAMPLES });
    expect(copying.radius).toBeGreaterThan(0);
  });

  it("fresh draws novel where averages and Gaussians fail", async () => {
    const { verdict, excess, copying, groups } = await audited(shell, shell.fresh("samples", SAMPLES));
    expect(verdict).toMatchObject({ name: "novel" });
    expect(Math.min(...excess.map((each) => each.excess.low))).toBeGreaterThan(0);
    expect(copying.p).toBeGreaterThan(0.01);
    const [samples, heldOut] = ["samples", "held-out"].map((name) => groups.find((g) => g.name === name)!);
    expect(samples!.distance.median).toBeGreaterThan(0.5);
    expect(samples!.novel["1"]).toBeGreaterThan(0.5 * heldOut!.novel["1"]!);
  });

  it("noise broken", async () => {
    const noise = normal(key(9), SAMPLES * D).map((x) => 30 * x);
    const { verdict, acceptanceThreshold } = await audited(shell, noise);
    expect(verdict.name).toBe("broken");
    expect(acceptanceThreshold!.cleared.value).toBe(0);
  });

  it("draws of nothing but holes broken, and says so", async () => {
    const samples = new Float32Array(SAMPLES * D).fill(Number.NaN);
    const { verdict, remarks, groups } = await audited(shell, samples);
    expect(verdict.name).toBe("broken");
    expect(remarks.join(" ")).toMatch(/60 of 60 samples hold numbers that are not finite/);
    expect(groups.find(({ name }) => name === "samples")!.novel["1"]).toBe(0);
  });

  it.each([
    ["two samples", { samples: 2 }, /There are 2 samples; the audit needs at least 3/],
    ["no held-out networks", { heldOut: 0 }, /There are 0 held-out networks/],
    ["originals that are all the same", { same: true }, /The originals are all the same network/],
  ])("%s undecided", async (_, given: { samples?: number; heldOut?: number; same?: boolean }, rule) => {
    const { samples = SAMPLES, heldOut, same } = given;
    const { verdict, groups } = await audited(basin, basin.fresh("samples", samples), {
      ...(heldOut === 0 && { heldOut: undefined, acceptanceThreshold: undefined }),
      ...(same === true && { originalsDiffer: false }),
    });
    expect(verdict).toMatchObject({ name: "undecided", rule: expect.stringMatching(rule) });
    expect(groups.length).toBeGreaterThan(3);
  });
});

describe("the numbers of the audit", () => {
  let statistics: AuditStatistics;
  beforeAll(async () => {
    statistics = await audited(shell, shell.fresh("samples", SAMPLES));
  });

  it("tell distances in units of the held-out networks' median", () => {
    expect(statistics.groups.find(({ name }) => name === "held-out")!.distance.median).toBeCloseTo(1, 6);
  });

  it("list the best baseline that reaches the samples first, each nearest setting first", () => {
    const reaching = statistics.excess.filter(({ beyond }) => beyond <= 0.5).map(({ excess }) => excess.value);
    expect(reaching.length).toBeGreaterThan(0);
    expect(statistics.excess.slice(0, reaching.length).map(({ excess }) => excess.value)).toEqual(
      reaching.toSorted((a, b) => a - b),
    );
    const at = (name: string) =>
      name === "originals" ? 0 : statistics.groups.find((group) => group.name === name)!.distance.median;
    for (const { through } of statistics.excess)
      expect(through.map(at)).toEqual(through.map(at).toSorted((a, b) => a - b));
  });

  it("say how every network stands", () => {
    for (const { count, points } of statistics.groups)
      expect([points.score.length, points.greatest.length, points.distance.length]).toEqual([count, count, count]);
  });

  it("are the same for the same networks", async () => {
    expect(await audited(shell, shell.fresh("samples", SAMPLES))).toEqual(statistics);
  });
});

describe("the acceptance threshold", () => {
  it("is what all but a twentieth of the held-out networks reach", () => {
    expect(acceptanceThresholdOf(Array.from({ length: 101 }, (_, i) => i / 100))).toBeCloseTo(0.05, 12);
    expect(acceptanceThresholdOf([0.7])).toBe(0.7);
  });
});
