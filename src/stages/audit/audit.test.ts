import { copyFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { itThoroughly } from "../../../test/support/thorough.ts";

import { fingerprint, run, stages, temporaryFolders, tinyLinear, tinyRecipe } from "../../../test/support/tiny-run.ts";
import { readSafetensors, writeSafetensors } from "../../checkpoints/index.ts";
import { quantiles } from "../../evaluation/index.ts";
import { sha256File } from "../../files/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { Audit } from "../../records/index.ts";
import { verdictNames } from "../../records/index.ts";
import { type RunEvent, readAudit, readResults, type StageName } from "../../run/index.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const audited = [...stages, "audit"] as const;
const upTo = (last: StageName) => audited.slice(0, audited.indexOf(last) + 1);
const json = (folder: string, file: string) => JSON.parse(readFileSync(join(folder, file), "utf8"));
const verdicts: readonly string[] = verdictNames;

const zoo = { count: 12, heldOut: 5, references: 1, batch: 50, lr: 1e-2 };
const baselines = ["noise:0.05", "average:4", "average:16", "average:all", "swag", "gaussian", "gaussian-latent"];
const settings = {
  baselines,
  draws: 4,
  fineTuned: { count: 2, steps: 2 },
  trained: { count: 0 },
  trajectories: 2,
  ensemble: 5,
  embeddings: ["tsne", "pca", "umap"],
};
const recipe = tinyRecipe({
  ...tinyLinear,
  diffusion: { denoiser: { width: 16, blocks: 1 }, training: { steps: 25, batch: 8 }, snapshots: 2 },
  zoo,
  audit: settings,
});

/** Without a generator to fit: a run of a part of a second. */
const lean = (parts: object = {}) =>
  tinyRecipe({
    generator: "average:2",
    zoo,
    audit: { ...settings, baselines: ["noise:0.05", "average:4"], embeddings: ["pca"] },
    ...parts,
  });

async function made(of: Recipe, through: readonly StageName[] = audited): Promise<string> {
  const folder = folders.make();
  await run(folder, { recipe: of, stages: through });
  return folder;
}

/** The same run in another folder. */
function copyOf(folder: string): string {
  const copy = folders.make();
  cpSync(folder, copy, { recursive: true });
  return copy;
}

async function auditOf(folder: string): Promise<Audit> {
  const audit = await readAudit(folder);
  expect(audit).toBeDefined();
  return audit!;
}

/** Puts the checksums in the index of a folder right after its files were changed. */
async function acceptFiles(folder: string, part: string): Promise<void> {
  const index = json(folder, `${part}/index.json`);
  for (const each of index.checkpoints) each.sha256 = await sha256File(join(folder, part, each.file));
  writeFileSync(join(folder, part, "index.json"), JSON.stringify(index));
}

/** Writes other values into a checkpoint. */
async function change(folder: string, file: string, value: (x: number, i: number) => number): Promise<void> {
  const { tensors, shapes, metadata } = await readSafetensors(join(folder, file));
  const changed = [...tensors].map(([name, data]) => ({ name, shape: shapes.get(name)!, data: data.map(value) }));
  await writeSafetensors(join(folder, file), changed, metadata);
}

let folder: string;
let evaluated: string;
let audit: Audit;
beforeAll(async () => {
  evaluated = await made(recipe, stages);
  folder = copyOf(evaluated);
  await run(folder, { recipe, stages: audited });
  audit = await auditOf(folder);
});

const groupOf = (of: Audit, name: string) => of.groups.find((group) => group.name === name)!;

describe("the audit of a run", () => {
  it("comes to a verdict, and says why", () => {
    expect(verdicts).toContain(audit.verdict.name);
    expect(audit.verdict.name).not.toBe("undecided");
    expect(audit.verdict.rule).toMatch(/\d.*\.$/);
    expect(audit.verdict.meaning).toMatch(/\.$/);
  });

  it("has a row for every group of networks", () => {
    const counts = Object.fromEntries(audit.groups.map(({ name, count }) => [name, count]));
    expect(counts).toEqual({
      originals: 12,
      "held-out": 5,
      references: 1,
      samples: 6,
      reconstructions: 12,
      "fine-tuned": 2,
      "noise:0.05": 4,
      "average:4": 4,
      "average:all": 1,
      swag: 4,
      gaussian: 4,
      "gaussian-latent": 4,
    });
    for (const { name, score, points } of audit.groups) {
      const mean = points.score.reduce<number>((sum, x) => sum + x!, 0) / points.score.length;
      expect(score!.mean.value, name).toBeCloseTo(mean, 12);
    }
  });

  it("leaves out baselines that need more originals, and says so", () => {
    expect(audit.remarks).toContain("Left out, as they need more than the 12 originals: average:16.");
  });

  it("agrees with the evaluation", async () => {
    const results = (await readResults(folder))!.classification!;
    const meanOf = (name: string) => groupOf(audit, name).score!.mean.value;
    for (const name of ["originals", "samples", "reconstructions"] as const)
      expect({ ...groupOf(audit, name).score!, mean: meanOf(name) }, name).toEqual(results[name]!.test);
    // All originals' average is the evaluation's ensemble.
    expect(meanOf("average:all")).toBe(results.ensemble.test.mean);
    expect(audit.averaging.toMean).toBe(results.distance.samplesToMean);
  });

  it("holds samples to the acceptance threshold that was fixed before", () => {
    const { acceptanceThreshold } = json(folder, "held-out/index.json");
    expect(audit.acceptanceThreshold).toMatchObject({ value: acceptanceThreshold, heldOut: 5 });
    const selection = readFileSync(join(folder, "evaluation/accuracies.csv"), "utf8")
      .split("\n")
      .filter((row) => row.startsWith("samples,"))
      .map((row) => Number(row.split(",")[2]));
    expect(audit.acceptanceThreshold!.cleared.value).toBeCloseTo(
      selection.filter((a) => a >= acceptanceThreshold).length / 6,
      12,
    );
  });

  it("tells distances in units of the held-out networks'", () => {
    expect(groupOf(audit, "held-out").distance.median).toBeCloseTo(1, 6);
    // Two steps of training lead less far away than another trajectory.
    expect(groupOf(audit, "fine-tuned").distance.median).toBeLessThan(1);
    expect(groupOf(audit, "references").distance.median).toBeGreaterThan(1);
    expect(groupOf(audit, "references").raw.median).toBeGreaterThan(groupOf(audit, "held-out").raw.median);
  });

  it("sets samples beside every kind of baseline", () => {
    expect(audit.excess.map(({ family }) => family).sort()).toEqual(["average", "gaussian", "latent", "noise"]);
    for (const { through, excess } of audit.excess) {
      expect(through.length).toBeGreaterThan(0);
      expect(excess.low).toBeLessThanOrEqual(excess.high);
    }
  });

  it("has curves of ensembles, as large as the recipe allows", () => {
    const sizes = Object.fromEntries(audit.ensembles.map(({ name, points }) => [name, points.map(({ size }) => size)]));
    expect(sizes).toEqual({
      samples: [1, 2, 4, 5],
      originals: [1, 2, 4, 5],
      "held-out": [1, 2, 4, 5],
      references: [1],
      swag: [1, 2, 4],
      "average:all": [1],
    });
    for (const { points } of audit.ensembles)
      for (const { accuracy, nll, brier, ece } of points) {
        expect(accuracy.value).toBeGreaterThanOrEqual(0);
        expect(accuracy.value).toBeLessThanOrEqual(1);
        expect(nll).toBeGreaterThan(0);
        expect(brier).toBeGreaterThanOrEqual(0);
        expect(brier).toBeLessThanOrEqual(2);
        expect(ece).toBeGreaterThanOrEqual(0);
        expect(ece).toBeLessThanOrEqual(1);
      }
    // An ensemble of one is that network.
    const one = audit.ensembles.find(({ name }) => name === "average:all")!.points[0]!;
    expect(one.accuracy.value).toBeCloseTo(groupOf(audit, "average:all").score!.mean.value, 6);
    const isRemarked = audit.remarks.some((remark) => remark.startsWith("No second data set"));
    expect(isRemarked).toBe(audit.otherData === null);
  });

  it("follows the first samples from noise to where they end", () => {
    const { times, accuracy } = audit.trajectory!;
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(accuracy.map((line) => line.length)).toEqual([times.length, times.length]);
    expect(accuracy.map((line) => line.at(-1))).toEqual(groupOf(audit, "samples").points.score.slice(0, 2));
  });

  it("draws its frontier along the training, to the samples at its end", () => {
    expect(audit.frontier.map(({ step }) => step)).toEqual([3, 25]);
    const { accuracy, distance } = audit.frontier.at(-1)!;
    const samples = groupOf(audit, "samples");
    expect(accuracy).toEqual(quantiles(samples.points.score as number[]));
    expect(distance.median).toBeCloseTo(samples.distance.median, 4);
  });

  it("maps latents by every method", () => {
    expect(audit.embeddings.map(({ method, space }) => [method, space])).toEqual([
      ["tsne", "latents"],
      ["pca", "latents"],
      ["umap", "latents"],
    ]);
    for (const { groups } of audit.embeddings) {
      const counts = Object.fromEntries(groups.map(({ name, points }) => [name, points.length]));
      expect(counts).toEqual({ originals: 12, "held-out": 5, samples: 6, "noise:0.05": 4 });
    }
  });

  it("has densities of every tensor", () => {
    const names = ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"];
    expect(audit.distributions.map(({ tensor }) => tensor)).toEqual(names);
    for (const { edges, originals, samples } of audit.distributions) {
      expect([edges.length, originals.length, samples.length]).toEqual([49, 48, 48]);
      const area = originals.reduce((sum, density, i) => sum + density * (edges[i + 1]! - edges[i]!), 0);
      expect(area).toBeGreaterThan(0.98);
      expect(area).toBeLessThanOrEqual(1 + 1e-9);
    }
  });

  it("keeps account of what a network costs", () => {
    const { base, collect, fit, sample, perSample, perCheckpoint, perTraining } = audit.cost!;
    for (const seconds of [base, collect, fit, sample, perTraining]) expect(seconds).toBeGreaterThan(0);
    expect(perSample).toBeCloseTo(sample / 6, 12);
    expect(perCheckpoint).toBeCloseTo(collect / 12, 12);
  });

  it("comes out the same when it is done again by force", async () => {
    const again = copyOf(folder);
    await run(again, { recipe, stages: ["audit"], force: true });
    expect(fingerprint(again)).toEqual(fingerprint(folder));
  });

  it("is only what an audit writes", async () => {
    const other = copyOf(folder);
    writeFileSync(join(other, "evaluation/audit.json"), "{}");
    await expect(readAudit(other)).rejects.toMatchObject({
      code: "E_RUN",
      message: expect.stringMatching(/is not what an audit writes.*pdiff audit/),
    });
    expect(await readAudit(evaluated)).toBeUndefined();
  });
});

describe("an audit that is stopped", () => {
  /** The first event of a task, or of one of its steps. */
  const goesOn = async (task: string, step: number | undefined) => {
    const other = copyOf(evaluated);
    const controller = new AbortController();
    const emit = (event: RunEvent) => {
      if (event.type !== "progress" || event.stage !== "audit" || event.item.label !== task) return;
      if (step === undefined || event.step === step) controller.abort();
    };
    const options = { recipe, stages: audited } as const;
    await expect(run(other, { ...options, emit, signal: controller.signal })).rejects.toThrow("stopped");
    expect(await readAudit(other)).toBeUndefined();
    await run(other, options);
    expect(fingerprint(other)).toEqual(fingerprint(folder));
  };
  it.each([["drawing baselines", 3]])("while %s (step %s) goes on to the same bytes", goesOn);
  itThoroughly.each([
    ["fine-tuning originals", 3],
    ["following the denoising", 10],
    ["sampling the denoiser of step 3", 7],
    ["sampling the denoiser of step 25", 7],
    ["evaluating networks", undefined],
    ["evaluating ensembles", undefined],
    ["measuring distances", 2],
  ])("while %s (step %s) goes on to the same bytes", goesOn);

  itThoroughly("at every few steps, over and over, comes to the same end", async () => {
    const other = copyOf(evaluated);
    for (let sitting = 0; ; sitting++) {
      expect(sitting).toBeLessThan(30);
      const controller = new AbortController();
      let steps = 0;
      const emit = (event: RunEvent) => {
        if (event.type === "progress" && ++steps === 28) controller.abort();
      };
      const error = await run(other, { recipe, stages: audited, emit, signal: controller.signal }).catch((e) => e);
      if (error === undefined) break;
      expect(error.message).toBe("stopped");
    }
    expect(fingerprint(other)).toEqual(fingerprint(folder));
  });
});

describe("an audit of files that were changed or removed", () => {
  it("refuses held-out networks, with the command that makes them again", async () => {
    const other = copyOf(evaluated);
    await change(other, "held-out/0002.safetensors", (x) => x + 1);
    await expect(run(other, { recipe, stages: audited })).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringMatching(/0002\.safetensors was changed.*pdiff collect .* --force$/),
    });
  });

  it("does not take held-out networks that are missing for none held out", async () => {
    const other = copyOf(evaluated);
    rmSync(join(other, "held-out"), { recursive: true });
    await expect(run(other, { recipe, stages: audited })).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringMatching(/held-out.*pdiff collect .* --force$/),
    });
  });

  it("refuses references that are missing, with the command that makes them again", async () => {
    const other = copyOf(evaluated);
    rmSync(join(other, "references/0001.safetensors"));
    await expect(run(other, { recipe, stages: audited })).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringMatching(/references.0001\.safetensors is missing.*pdiff collect .* --force$/),
    });
  });

  it("refuses references that were changed, with the command that makes them again", async () => {
    const other = copyOf(evaluated);
    await change(other, "references/0001.safetensors", (x) => x + 1);
    await expect(run(other, { recipe, stages: audited })).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringMatching(/references.0001\.safetensors was changed.*pdiff collect .* --force$/),
    });
  });
});

describe("checkpoints that are all the same", () => {
  async function equal(of: Recipe): Promise<string> {
    const other = await made(of, ["collect"]);
    for (const file of readdirSync(join(other, "zoo")))
      if (file.endsWith(".safetensors")) copyFileSync(join(other, "zoo/0001.safetensors"), join(other, "zoo", file));
    await acceptFiles(other, "zoo");
    return other;
  }

  it("leave it undecided, where the generator needs no fit", async () => {
    const other = await equal(lean());
    await run(other, { recipe: lean(), stages: audited });
    const { verdict, groups } = await auditOf(other);
    expect(verdict.name).toBe("undecided");
    expect(verdict.rule).toBe("The originals are all the same network, so nothing has a distance from them.");
    expect(groups.length).toBeGreaterThan(3);
    expect((await readResults(other))!.classification!.samples.count).toBe(6);
  });

  it("are refused where something is to be fitted", async () => {
    const other = await equal(lean({ ...tinyLinear, generator: "diffusion" }));
    const options = { recipe: lean({ ...tinyLinear, generator: "diffusion" }), stages: audited };
    await expect(run(other, options)).rejects.toMatchObject({
      code: "E_RUN",
      message: expect.stringMatching(/^all checkpoints of the zoo are equal/),
    });
  });
});

describe("samples that do not work", () => {
  let drawn: string;
  beforeAll(async () => {
    drawn = copyOf(evaluated);
    rmSync(join(drawn, "evaluation"), { recursive: true });
  });
  async function auditedAfter(files: readonly number[], value: (x: number, i: number) => number): Promise<string> {
    const other = copyOf(drawn);
    for (const i of files) await change(other, `samples/000${i}.safetensors`, value);
    await acceptFiles(other, "samples");
    await run(other, { recipe, stages: audited });
    return other;
  }
  const notFinite = (count: number) =>
    `${count} of 6 samples hold numbers that are not finite; they count as infinitely far, and wrong wherever their predictions are.`;

  it.each([
    ["NaN in one weight of each tensor", (x: number, i: number) => (i === 3 ? Number.NaN : x)],
    ["infinities", (x: number, i: number) => (i % 2 ? Number.POSITIVE_INFINITY : x)],
  ])("for %s are counted, and the others evaluated", async (_, value) => {
    const other = await auditedAfter([2], value);
    const found = await auditOf(other);
    expect(found.remarks).toContain(notFinite(1));
    expect(found.verdict.name).toBe(audit.verdict.name);
    expect(groupOf(found, "samples").count).toBe(6);
    for (const { low, median, high } of [groupOf(found, "samples").raw, groupOf(found, "samples").distance])
      expect([low, median, high].every(Number.isFinite)).toBe(true);
    for (const { groups } of found.embeddings)
      expect(groups.find(({ name }) => name === "samples")!.points).toHaveLength(5);
    expect((await readResults(other))!.classification!.samples.count).toBe(6);
  });

  it("at all are broken", async () => {
    const other = await auditedAfter([1, 2, 3, 4, 5, 6], () => Number.NaN);
    const found = await auditOf(other);
    expect(found.verdict.name).toBe("broken");
    expect(found.remarks).toContain(notFinite(6));
  });

  it("but name one class whatever they see are broken, and counted", async () => {
    const found = await auditOf(await auditedAfter([1, 2, 3, 4, 5, 6], () => 0));
    expect(found.verdict.name).toBe("broken");
    expect(found.remarks).toContain(
      "6 of 6 samples do no better on the selection images than always naming the most frequent class.",
    );
    expect(groupOf(found, "samples").similarity!.within).toBe(1);
  });
});

describe("a quick run", () => {
  it("is no evidence, and its verdict says so", async () => {
    const { verdict } = await auditOf(await made(lean({ quick: true })));
    expect(verdict.label).toMatch(/ \(not evidence\)$/);
    expect(verdict.meaning).toMatch(/none of its numbers is evidence/);
    expect(audit.verdict.label).not.toContain("evidence");
  });
});

describe("a sample whose weights ran away", () => {
  it("is counted also where no autoencoder maps it", async () => {
    const other = await made(lean(), upTo("sample"));
    await change(other, "samples/0002.safetensors", () => Number.NaN);
    await acceptFiles(other, "samples");
    await run(other, { recipe: lean(), stages: audited });
    const { verdict, remarks } = await auditOf(other);
    expect(verdicts).toContain(verdict.name);
    expect(remarks.join(" ")).toContain("1 of 6 samples hold numbers that are not finite");
  });
});

describe("a sample that is copied from the zoo", () => {
  it("makes a replica, where all are", async () => {
    const other = await made(lean(), upTo("sample"));
    for (let i = 1; i <= 6; i++)
      copyFileSync(
        join(other, `zoo/00${String(2 * i).padStart(2, "0")}.safetensors`),
        join(other, `samples/000${i}.safetensors`),
      );
    await acceptFiles(other, "samples");
    await run(other, { recipe: lean(), stages: audited });
    const found = await auditOf(other);
    expect(found.copying.copies).toMatchObject({ near: 6, alike: 6 });
    expect(groupOf(found, "samples").raw).toEqual({ low: 0, median: 0, high: 0 });
    expect(["novel", "undecided", "broken"]).not.toContain(found.verdict.name);
  });
});

describe("too few networks", () => {
  it("such as two checkpoints leave it undecided", async () => {
    const of = tinyRecipe({ ...tinyLinear, zoo: { ...zoo, count: 2, heldOut: 1 }, audit: settings });
    const { verdict, remarks, groups } = await auditOf(await made(of));
    expect(verdict.name).toBe("undecided");
    expect(verdict.rule).toBe("There are 2 originals; the audit needs at least 5.");
    expect(remarks).toContain("Left out, as they need more than the 2 originals: average:4, average:16, swag.");
    expect(groups.find(({ name }) => name === "held-out")!.count).toBe(1);
  });

  it("such as two samples leave it undecided", async () => {
    const { verdict } = await auditOf(await made(lean({ sample: { count: 2 } })));
    expect(verdict).toMatchObject({ name: "undecided", rule: "There are 2 samples; the audit needs at least 5." });
  });

  it("none held out leave it undecided, and that is remarked", async () => {
    const of = tinyRecipe({
      ...tinyLinear,
      audit: { ...settings, embeddings: ["pca"] },
      zoo: { ...zoo, heldOut: 0, references: 0 },
      diffusion: { denoiser: { width: 16, blocks: 1 }, training: { steps: 25, batch: 8 }, snapshots: 2 },
    });
    const found = await auditOf(await made(of));
    expect(found.verdict).toMatchObject({
      name: "undecided",
      rule: "There are 0 held-out networks; the audit needs at least 5.",
    });
    expect(found.acceptanceThreshold!.heldOut).toBe(0);
    expect(found.remarks.join(" ")).toMatch(/No networks were held out \(zoo\.heldOut: 0\)/);
    expect(found.remarks.join(" ")).toMatch(/No independently trained reference networks \(zoo\.references\)/);
    expect(found.groups.map(({ name }) => name)).not.toEqual(expect.arrayContaining(["held-out"]));
    expect(found.frontier.map(({ loss }) => loss.heldOut)).toEqual([null, null]);
    for (const { distance } of found.frontier) expect(distance.median).toBeGreaterThan(0);
  });
});

describe("an audit of as little as can be", () => {
  it("has no baselines, no fine-tuned networks, no ways and no maps", async () => {
    const least = {
      baselines: [],
      draws: 3,
      fineTuned: { count: 0, steps: 1 },
      ensemble: 1,
      trajectories: 0,
      embeddings: [],
    };
    const found = await auditOf(await made(lean({ ...tinyLinear, audit: least })));
    expect(verdicts).toContain(found.verdict.name);
    expect(found).toMatchObject({ excess: [], embeddings: [], trajectory: null, frontier: [] });
    expect(found.groups.map(({ name }) => name)).toEqual(["originals", "held-out", "references", "samples"]);
    for (const { points } of found.ensembles) expect(points.map(({ size }) => size)).toEqual([1]);
  });
});

describe("an audit of the last layer", () => {
  it("measures no distance of whole networks that differ elsewhere as well", async () => {
    const found = await auditOf(await made(lean({ zoo: { ...zoo, select: "last-layers:1" } })));
    const references = groupOf(found, "references");
    expect(references.count).toBe(1);
    expect(references.points.distance).toEqual([]);
    expect(groupOf(found, "held-out").distance.median).toBeCloseTo(1, 6);
    expect(found.distributions.map(({ tensor }) => tensor)).toEqual(["fc2.weight", "fc2.bias"]);
  });
});

describe("an audit of separate trainings", () => {
  const separate = (kind: string, more: object = {}) =>
    lean({ zoo: { kind, count: 4, heldOut: 3, references: 1, ...more } });
  let source: string;
  beforeAll(async () => {
    source = await made(separate("seeds"));
  });

  it("knows no neighbours, and needs no references from other seeds", async () => {
    const found = await auditOf(source);
    expect(found.neighbours).toBe(0);
    expect(found.groups.map(({ name }) => name)).not.toContain("references");
    expect(found.remarks).toContain(
      "The held-out networks are independently trained, so there are no further reference networks.",
    );
    expect(groupOf(found, "originals").raw.median).toBeGreaterThan(0);
  });

  it("measures distances over all orders of their units, also from a generator that draws them", async () => {
    const found = await auditOf(source);
    expect(found.byUnits).toBe(true);
    expect(groupOf(found, "held-out").distance.median).toBeCloseTo(1, 6);
  });

  itThoroughly("of other orders has references beside it", async () => {
    const found = await auditOf(await made(separate("orders", { count: 3 })));
    expect(found.neighbours).toBe(0);
    expect(groupOf(found, "references").count).toBe(1);
    expect(groupOf(found, "references").raw.median).toBeGreaterThan(0);
  });

  it("tells what one training costs, also of a zoo that was taken over in part", async () => {
    const { tasks } = json(source, "status.json");
    const each = tasks["train-zoo"] / 4;
    expect((await auditOf(source)).cost!.perTraining).toBeCloseTo(each, 9);
    const part = await auditOf(await made(separate("seeds", { count: 2, reuse: source })));
    expect(part.cost!.perTraining).toBeCloseTo(each, 9);
    expect(part.cost!.perCheckpoint).toBeCloseTo(each, 9);
  });
});
