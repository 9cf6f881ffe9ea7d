import { beforeAll, describe, expect, it } from "vitest";
import {
  audited,
  basin,
  copies,
  D,
  drawn,
  flat,
  rows,
  SAMPLES,
  shell,
  type World,
} from "../../../test/support/audit-worlds.ts";
import { key, normal } from "../../random/index.ts";
import { type AuditStatistics, acceptanceThresholdOf } from "./audit.ts";

describe("the audit calls", () => {
  it.each([
    ["exact copies", 0],
    ["copies with a little noise", 0.005],
  ])("%s a replica", async (_, noise) => {
    for (const world of [basin, shell]) {
      const { verdict, copying } = await audited(world, copies(world, noise));
      expect(verdict.name).toBe("replica");
      expect(verdict.rule).toMatch(/60 of 60 samples repeat an original: 60 lie within 0\.\d\d of one original/);
      expect(copying.copies).toMatchObject({ near: SAMPLES, count: SAMPLES });
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
    expect(copying.copies.count).toBe(0);
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
    expect(copying.copies).toMatchObject({ near: SAMPLES });
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
    ["two samples", { samples: 2 }, /There are 2 samples; the audit needs at least 5/],
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
