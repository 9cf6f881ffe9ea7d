import { describe, expect, it } from "vitest";
import { baseline } from "../../baselines/index.ts";
import { layoutOf } from "../../layout/index.ts";
import { foldIn, key, normal, uniform } from "../../random/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { distances } from "../distances.ts";
import { distanceMeter } from "../nearest-distance.ts";
import { type AuditStatistics, auditNetworks } from "./audit.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

/** Worlds in which a network is a point that is worth one number. */
const D = 24;
const K = 60;
const layout = layoutOf([
  { name: "a", shape: [D / 2] },
  { name: "b", shape: [D / 2] },
]);
const rowsOf = (values: Float32Array): Float32Array[] =>
  Array.from({ length: values.length / D }, (_, i) => values.subarray(i * D, (i + 1) * D));

interface World {
  worth(v: Float32Array): number;
  fresh(name: string, count: number): Float32Array;
}

/** Whatever moves to the middle gets better. */
const basin: World = {
  worth: (v) => 1 - v.reduce((sum, x) => sum + x * x, 0) / (4 * D),
  fresh: (name, count) => normal(foldIn(key(1), name), count * D),
};

/** Good vectors lie on a circle and nowhere else: averages and Gaussians miss it. */
const circle: World = {
  worth(v) {
    const off = Math.abs(Math.hypot(v[0]!, v[1]!) - 8) / 4;
    return 1 - off - v.subarray(2).reduce((sum, x) => sum + x * x, 0) / D;
  },
  fresh(name, count) {
    const angles = uniform(foldIn(key(2), name, "angle"), count);
    return normal(foldIn(key(2), name), count * D).map((x, i) => {
      const angle = 2 * Math.PI * angles[Math.floor(i / D)]!;
      return x / 20 + (i % D === 0 ? 8 * Math.cos(angle) : i % D === 1 ? 8 * Math.sin(angle) : 0);
    });
  },
};

const baselineNames = [
  ...["noise:0.05", "noise:0.5", "interpolate", "average:2", "average:4", "average:16", "average:all"],
  ...["gaussian", "pca-gaussian"],
];

type Values = (vectors: Float32Array) => (number | null)[];

/** The audit of some samples. */
async function audited(
  world: World,
  samples: Float32Array,
  {
    better = "higher",
    values = (vectors) => rowsOf(vectors).map((v) => (better === "lower" ? -1 : 1) * world.worth(v)),
    ofSamples = values,
    measured = true,
    heldOut = 20,
    unseen = 0,
  }: {
    readonly better?: "higher" | "lower";
    readonly values?: Values;
    readonly ofSamples?: Values;
    readonly measured?: boolean;
    readonly heldOut?: number;
    readonly unseen?: number;
  } = {},
): Promise<AuditStatistics> {
  const originals = world.fresh("originals", K);
  const meter = await distanceMeter({ originals, layout, trajectory: false, device });
  const group = async (vectors: Float32Array, worth: Values = values) => ({
    ...(await meter.measure(vectors)),
    scores: measured ? worth(vectors) : rowsOf(vectors).map(() => null),
  });
  const withApart = async (vectors: Float32Array, worth?: Values) => ({
    ...(await group(vectors, worth)),
    apart: (await meter.nearestAmong(vectors, vectors)).distance,
  });
  const baselines = [];
  for (const name of baselineNames) {
    const { family, single, draw } = baseline(name);
    const vectors = await draw(
      { count: K, dimension: D, values: originals },
      { count: single ? 1 : 25, key: foldIn(key(3), name), layout, device },
    );
    baselines.push({ name, family, ...(await group(vectors)) });
  }
  const others = world.fresh("unseen", unseen);
  const near = async (vectors: Float32Array) => ({
    seen: await meter.nearestAmong(vectors, originals),
    unseen: await meter.nearestAmong(vectors, others),
  });
  const pool = unseen > 0 ? { sizes: { seen: K, unseen }, samples: await near(samples), baselines: [] } : undefined;
  const { samplesToMean, samplesApart } = await distances(originals, samples, D);
  return auditNetworks({
    metric: measured
      ? { name: "score", unit: "number", higherIsBetter: better === "higher", reason: "the test says so" }
      : null,
    originals: { ...meter.originals, scores: measured ? values(originals) : rowsOf(originals).map(() => null) },
    heldOut: heldOut === 0 ? undefined : await withApart(world.fresh("held out", heldOut)),
    samples: await withApart(samples, ofSamples),
    shuffled: await group(normal(key(4), 3 * D).map((x) => 6 * x)),
    baselines,
    ...(pool && { pool }),
    byUnits: false,
    neighbours: meter.neighbours,
    originalsDiffer: true,
    toMean: samplesToMean,
    apart: samplesApart,
    key: key(5),
  });
}

const drawn = (world: World, name: string): Promise<Float32Array> =>
  baseline(name).draw(
    { count: K, dimension: D, values: world.fresh("originals", K) },
    { count: 30, key: key(6), layout, device },
  );
const copies = (world: World): Float32Array => world.fresh("originals", K).slice(0, 30 * D);

describe("the audit of networks that are worth one number", () => {
  it.each(["higher", "lower"] as const)("calls copies a replica, where %s is better", async (better) => {
    expect((await audited(basin, copies(basin), { better })).verdict.name).toBe("replica");
  });

  it.each(["higher", "lower"] as const)("calls averages average-like, where %s is better", async (better) => {
    const { verdict, averaging } = await audited(basin, await drawn(basin, "average:16"), { better });
    expect(verdict.name).toBe("average-like");
    expect(averaging.signature).toBe(true);
  });

  it.each(["higher", "lower"] as const)(
    "calls fresh draws novel where nothing simpler reaches them, where %s is better",
    async (better) => {
      const { verdict, acceptanceThreshold, excess } = await audited(circle, circle.fresh("samples", 30), { better });
      expect(verdict.name).toBe("novel");
      expect(acceptanceThreshold!.cleared.value).toBeGreaterThan(0.8);
      expect(excess[0]!.excess.low).toBeGreaterThan(0);
    },
  );

  it("calls samples broken that are worth no more than shuffled networks", async () => {
    const { verdict } = await audited(
      basin,
      basin.fresh("samples", 30).map((x) => 6 * x),
    );
    expect(verdict.name).toBe("broken");
    expect(verdict.rule).toMatch(/The median sample's score is −/);
  });

  it("calls samples broken of which most cannot be measured, and counts a few that cannot against them", async () => {
    const failing =
      (share: number): Values =>
      (vectors) =>
        rowsOf(vectors).map((v, i) => (i % 10 < 10 * share ? null : circle.worth(v)));
    const most = await audited(circle, circle.fresh("samples", 30), { ofSamples: failing(0.6) });
    expect(most.verdict).toMatchObject({
      name: "broken",
      rule: expect.stringContaining("18 of 30 samples came to no score"),
    });
    const few = await audited(circle, circle.fresh("samples", 30), { ofSamples: failing(0.1) });
    const none = await audited(circle, circle.fresh("samples", 30));
    expect(few.excess[0]!.excess.value).toBeLessThan(none.excess[0]!.excess.value);
    expect(few.acceptanceThreshold!.cleared.value).toBeLessThanOrEqual(0.9);
    expect(few.remarks).toContain(
      "3 of 30 samples could not be measured; they count as not reaching the acceptance threshold.",
    );
  });

  it("knows parameters alone where nothing is measured: copies, collapse and averages, but never what is novel", async () => {
    const verdictOf = async (world: World, samples: Float32Array) =>
      (await audited(world, samples, { measured: false })).verdict;
    expect((await verdictOf(circle, copies(circle))).name).toBe("replica");
    expect((await verdictOf(basin, await drawn(basin, "average:16"))).name).toBe("average-like");
    const one = rowsOf(circle.fresh("samples", 1)).flatMap((v) => [...v]);
    expect(
      (
        await verdictOf(
          circle,
          Float32Array.from({ length: 30 * D }, (_, i) => one[i % D]!),
        )
      ).name,
    ).toBe("collapsed");
    expect(await verdictOf(circle, circle.fresh("samples", 30))).toMatchObject({
      name: "undecided",
      meaning: expect.stringContaining("whether the samples work is not known"),
    });
  });

  it("calls samples a replica that hold on to what was learned from, where other networks are unseen", async () => {
    const around = (noise: number) => {
      const moves = normal(key(9), 30 * D);
      return copies(basin).map((x, i) => x + noise * moves[i]!);
    };
    const of = (samples: Float32Array) => audited(basin, samples, { measured: false, unseen: K });
    expect((await of(around(0.8))).verdict).toMatchObject({
      name: "replica",
      rule: expect.stringMatching(/^The samples hold on .* \(60 and 60 compared/),
    });
    expect((await of(basin.fresh("samples", 30))).verdict).toMatchObject({
      name: "undecided",
      rule: expect.stringMatching(/as a group, \d+\.\d % of them lie nearer to a network that was learned from/),
    });
  });

  it("is undecided without held-out networks, and says what is missing", async () => {
    const { verdict, acceptanceThreshold, remarks } = await audited(circle, circle.fresh("samples", 30), {
      heldOut: 0,
    });
    expect(verdict).toMatchObject({
      name: "undecided",
      rule: "There are 0 held-out networks; the audit needs at least 5.",
    });
    expect(acceptanceThreshold).toBeNull();
    expect(remarks[0]).toContain("No networks were held out");
  });

  it("says so where shuffled networks are worth as much as others: the number is no measure of what was generated", async () => {
    const { remarks } = await audited(basin, basin.fresh("samples", 30), { values: (v) => rowsOf(v).map(() => 0.5) });
    expect(remarks.join(" ")).toContain(
      "score does not depend on what is generated, or --better is the wrong way round",
    );
  });
});
