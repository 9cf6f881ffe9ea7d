import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fingerprint, run, stages, temporaryFolders, tinyLinear, tinyRecipe } from "../../../test/support/tiny-run.ts";
import { baseline } from "../../baselines/index.ts";
import { readSafetensors } from "../../checkpoints/index.ts";
import { batchFiller } from "../../data/index.ts";
import { evaluator } from "../../evaluation/index.ts";
import { rowsOf } from "../../numeric/index.ts";
import { foldIn } from "../../random/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import { type RunEvent, readAudit, readCheckpoints, readResults, type StageName } from "../../run/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { loadTask, runKey } from "../context.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

const folders = temporaryFolders();
afterAll(folders.remove);

const json = (folder: string, file: string) => JSON.parse(readFileSync(join(folder, file), "utf8"));
const networksIn = (folder: string, part: string) =>
  readdirSync(join(folder, part))
    .filter((name) => name.endsWith(".safetensors"))
    .map((name) => join(folder, part, name));
const accuracyRows = (folder: string) => readFileSync(join(folder, "evaluation/accuracies.csv"), "utf8");

/** Networks of a folder as one matrix. */
async function matrixOf(recipe: Recipe, folder: string, part: string): Promise<Float32Array> {
  const { chosen } = await loadTask(recipe);
  return (await readCheckpoints(networksIn(folder, part), chosen)).values;
}

/** Of the six networks that are held out, half may choose a denoiser. */
const zoo = { count: 12, references: 1, heldOut: 6, batch: 50, lr: 1e-2 };
let source: string;
beforeAll(async () => {
  source = folders.make();
  await run(source, { recipe: tinyRecipe({ zoo }), stages: ["collect"] });
});

/** The tiny zoo, taken over by a run with another generator. */
const generated = (parts: object) => tinyRecipe({ ...parts, zoo: { ...zoo, reuse: source } });

async function made(recipe: Recipe, through: readonly StageName[] = stages) {
  const folder = folders.make();
  const notes: string[] = [];
  await run(folder, {
    recipe,
    stages: through,
    emit: (event) => event.type === "note" && notes.push(event.text),
  });
  return { folder, notes };
}

describe("averages of four checkpoints as the generator", () => {
  let recipe: Recipe;
  let folder: string;
  beforeAll(async () => {
    recipe = generated({ generator: "average:4" });
    ({ folder } = await made(recipe));
  });

  it("need no autoencoder and no denoiser", () => {
    expect(json(folder, "generator/index.json")).toEqual({ autoencoder: null, snapshots: [], files: {} });
    expect(readdirSync(join(folder, "generator"))).toEqual(["index.json"]);
    expect(existsSync(join(folder, "evaluation/reconstructions"))).toBe(false);
  });

  it("are what the baseline of that name draws", async () => {
    const { chosen } = await loadTask(recipe);
    const originals = { count: 12, dimension: chosen.size, values: await matrixOf(recipe, folder, "zoo") };
    const key = foldIn(runKey(recipe), "sample");
    const drawn = await baseline("average:4").draw(originals, { count: 6, key, layout: chosen, device });
    expect(await matrixOf(recipe, folder, "samples")).toEqual(drawn);
    expect(json(folder, "samples/index.json")).toMatchObject({ count: 6, generator: "average:4" });
    expect(json(folder, "samples/index.json")).not.toHaveProperty("sampler");
  });

  it("are evaluated without reconstructions", async () => {
    const results = await readResults(folder);
    const { reconstructions, samples, distance } = results!.classification!;
    expect({ reconstructions, autoencoder: results!.autoencoder, samples }).toMatchObject({
      reconstructions: null,
      autoencoder: null,
      samples: { count: 6 },
    });
    expect(accuracyRows(folder)).not.toContain("reconstructions");
    // Averages lie nearer to the mean than what they average.
    expect(distance.samplesToMean).toBeLessThan(1);
  });

  it("are found out by the audit, which leaves out baselines that draw latents", async () => {
    const baselines = ["average:4", "average:8", "noise:0.05", "gaussian-latent"];
    const own = folders.make();
    const parts = { generator: "average:4", audit: { baselines, draws: 4, fineTuned: { count: 1, steps: 2 } } };
    await run(own, { recipe: generated(parts), stages: [...stages, "audit"] });
    const audit = (await readAudit(own))!;
    expect(audit.trajectory).toBeNull();
    expect(audit.frontier).toEqual([]);
    expect(audit.embeddings.map(({ space }) => space)).toEqual(["parameters"]);
    const names = audit.groups.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["average:4", "average:8", "noise:0.05", "held-out", "fine-tuned"]));
    expect(names).not.toContain("gaussian-latent");
    expect(names).not.toContain("reconstructions");
    expect(audit.remarks).toContain(
      "Left out, as they draw latents and this generator has no autoencoder: gaussian-latent.",
    );
  });
});

describe("the average of all checkpoints as the generator", () => {
  it("is one network, and says so", async () => {
    const { folder, notes } = await made(generated({ generator: "average:all" }));
    expect(notes).toContain("average:all is one network, however often it is drawn: one sample instead of 6");
    expect(networksIn(folder, "samples")).toHaveLength(1);
    expect(json(folder, "samples/index.json").count).toBe(1);
    const results = (await readResults(folder))!.classification!;
    // The evaluation's own ensemble is the same network.
    expect(results.samples).toEqual(results.ensemble);
    expect(results.distance.samplesApart).toBe(0);
  });
});

describe("a normal distribution of latents as the generator", () => {
  it("takes the autoencoder and nothing else", async () => {
    const { folder } = await made(generated({ ...tinyLinear, generator: "gaussian-latent" }));
    const index = json(folder, "generator/index.json");
    expect(index.autoencoder).toMatchObject({ type: "linear", latent: 4 });
    expect(Object.keys(index.files)).toEqual(["autoencoder"]);
    expect(readdirSync(join(folder, "generator")).sort()).toEqual(["autoencoder.safetensors", "index.json"]);
    expect(networksIn(folder, "samples")).toHaveLength(6);
    expect((await readResults(folder))!.classification!.reconstructions).toMatchObject({ count: 12 });
  });
});

describe("the variational autoencoder as the generator", () => {
  const autoencoder = { channels: [3, 4], latent: 5, training: { steps: 20, batch: 8 }, gate: -1e9 };
  const vae = { preset: "vae", autoencoder, diffusion: undefined, sample: { count: 6 } };

  it("is that of its preset, and takes no denoiser", async () => {
    const recipe = generated(vae);
    expect(recipe).toMatchObject({ generator: "vae", diffusion: null });
    expect(tinyRecipe().generator).toBe("diffusion");
    const { folder } = await made(recipe, ["collect", "fit", "sample"]);
    expect(readdirSync(join(folder, "generator")).sort()).toEqual(["autoencoder.safetensors", "index.json"]);
    expect(json(folder, "samples/index.json")).toMatchObject({ count: 6, generator: "vae" });
  });

  it("must be one, and a diffusion model must be there", () => {
    expect(() => tinyRecipe({ generator: "vae" })).toThrow(/the generator vae needs a variational autoencoder/);
    expect(() => tinyRecipe({ ...vae, generator: "diffusion" })).toThrow(/the generator diffusion needs one/);
  });
});

describe("names of generators", () => {
  it("are kept in full", () => {
    expect(tinyRecipe({ generator: "average" }).generator).toBe("average:16");
    expect(tinyRecipe({ generator: "average:all" }).generator).toBe("average:all");
  });

  it.each(["averge:4", "average:0", "average:1", "average:2.5", "swa:3", "average:", ":4", "__proto__"])(
    "such as %s are refused",
    (generator) => {
      expect(() => tinyRecipe({ generator })).toThrow(/generator/);
    },
  );

  it("that need more checkpoints than the zoo has are refused with what to do", async () => {
    await expect(made(generated({ generator: "average:16" }))).rejects.toMatchObject({
      code: expect.stringMatching(/^E_/),
      message: expect.stringMatching(/average:16 needs at least 16 originals, got 12; collect more \(zoo\.count\)/),
    });
  });
});

describe("a denoiser kept at three snapshots", () => {
  const through = ["collect", "fit", "sample"] as const;
  const fileOf = (step: number) => `denoiser-${String(step).padStart(8, "0")}.safetensors`;
  const choosing = (choose: string, snapshots = 3) => {
    // So fast that the last of them is not the best.
    const training = { steps: 25, batch: 8, lr: 0.3, schedule: "constant" };
    const diffusion = { denoiser: { width: 16, blocks: 1 }, training, snapshots, choose };
    return generated({ ...tinyLinear, diffusion });
  };

  describe("of which the last is sampled", () => {
    let folder: string;
    beforeAll(async () => {
      ({ folder } = await made(choosing("last"), through));
    });

    it("records its errors on originals and on held-out networks", () => {
      expect(readdirSync(join(folder, "generator/snapshots")).sort()).toEqual([1, 5, 25].map(fileOf));
      const { snapshots, chosen } = json(folder, "generator/index.json");
      expect(snapshots.map(({ step }: { step: number }) => step)).toEqual([1, 5, 25]);
      for (const { loss } of snapshots) {
        expect(loss.originals).toBeGreaterThan(0);
        expect(loss.heldOut).toBeGreaterThan(0);
      }
      expect(chosen).toBeUndefined();
    });

    it("ends as the one that is sampled", () => {
      const all = fingerprint(folder);
      expect(all[`generator/snapshots/${fileOf(25)}`]).toBe(all["generator/denoiser.safetensors"]);
      expect(all[`generator/snapshots/${fileOf(5)}`]).not.toBe(all["generator/denoiser.safetensors"]);
    });

    it("is the one that is fitted where none is kept", async () => {
      const plain = await made(choosing("last", 0), ["collect", "fit"]);
      expect(existsSync(join(plain.folder, "generator/snapshots"))).toBe(false);
      expect(json(plain.folder, "generator/index.json").snapshots).toEqual([]);
      expect(await denoiserOf(plain.folder)).toEqual(await denoiserOf(folder));
    });

    it.each([1, 5, 17, 25])("is the same after a stop at step %i of its training", async (step) => {
      const recipe = choosing("last");
      const other = folders.make();
      const controller = new AbortController();
      const emit = (event: RunEvent) => {
        if (event.type === "progress" && event.item.id === "fit-denoiser" && event.step === step) controller.abort();
      };
      const options = { recipe, stages: through } as const;
      await expect(run(other, { ...options, emit, signal: controller.signal })).rejects.toThrow("stopped");
      await run(other, options);
      expect(fingerprint(other)).toEqual(fingerprint(folder));
    });
  });

  describe("of which held-out networks choose", () => {
    let recipe: Recipe;
    let folder: string;
    let notes: string[];
    beforeAll(async () => {
      recipe = choosing("held-out");
      ({ folder, notes } = await made(recipe, [...stages, "audit"]));
    });

    it("is that with the least error on them", () => {
      const { snapshots, chosen } = json(folder, "generator/index.json");
      const best = snapshots.toSorted(
        (a: { loss: { heldOut: number } }, b: { loss: { heldOut: number } }) => a.loss.heldOut - b.loss.heldOut,
      )[0].step;
      expect(chosen).toBe(best);
      expect(best).not.toBe(25);
      const all = fingerprint(folder);
      expect(all[`generator/snapshots/${fileOf(best)}`]).toBe(all["generator/denoiser.safetensors"]);
      expect(notes).toContain(`using the denoiser from step ${best}: lowest error on held-out networks`);
    });

    it("leaves the audit the other half of them", async () => {
      const audit = (await readAudit(folder))!;
      expect(audit.acceptanceThreshold!.heldOut).toBe(3);
      const held = audit.groups.find(({ name }) => name === "held-out")!;
      expect(held.count).toBe(3);
      expect(held.points.score).toEqual(await accuraciesOf(recipe, networksIn(folder, "held-out"), [1, 3, 5]));
      expect(audit.remarks).toContain(
        "Half of the held-out networks chose the denoiser; the audit uses the other half.",
      );
    });

    it("records its frontier", async () => {
      const { frontier } = (await readAudit(folder))!;
      expect(frontier.map(({ step }) => step)).toEqual([1, 5, 25]);
      expect(frontier.map(({ loss }) => loss)).toEqual(
        json(folder, "generator/index.json").snapshots.map(({ loss }: { loss: unknown }) => loss),
      );
      for (const { accuracy, distance } of frontier) {
        expect(accuracy.median).toBeGreaterThanOrEqual(0);
        expect(distance.median).toBeGreaterThan(0);
      }
    });
  });

  it("is refused where there are too few held-out networks or snapshots to choose", () => {
    const few = (snapshots: number, heldOut: number) =>
      tinyRecipe({ diffusion: { snapshots, choose: "held-out" }, zoo: { count: 12, heldOut } });
    expect(() => few(3, 5)).toThrow(/diffusion\.choose.*at least 6/s);
    expect(() => few(1, 6)).toThrow(/diffusion\.choose.*at least 2/s);
    expect(few(2, 6).diffusion!.choose).toBe("held-out");
  });
});

/** The state of the denoiser that is sampled. */
const denoiserOf = async (folder: string) =>
  Object.fromEntries((await readSafetensors(join(folder, "generator/denoiser.safetensors"))).tensors);

/** Test accuracies of some of the networks of whole checkpoints. */
async function accuraciesOf(recipe: Recipe, files: readonly string[], which: readonly number[]): Promise<number[]> {
  const { data, network } = await loadTask(recipe);
  const { batch } = recipe.evaluate;
  const predictor = await evaluator({
    logits: network.logits(batch),
    batch,
    chosen: network.layout,
    frozen: new Map(),
    openImages: batchFiller,
    device: nodeDevice(recipe.device),
  });
  const chosen = which.map((i) => files[i]!);
  const networks = rowsOf(await readCheckpoints(chosen, network.layout));
  const predicted = await predictor.predict(data, data.test, networks);
  await predictor.release();
  const { count, labels } = data.test;
  return networks.map((_, k) => labels.filter((label, i) => predicted[k * count + i] === label).length / count);
}
