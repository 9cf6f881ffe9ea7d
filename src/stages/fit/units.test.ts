/**
 * The preset `units`: independently trained perceptrons, and a generator that reads them as sets of
 * hidden units.
 */
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { itThoroughly } from "../../../test/support/thorough.ts";

import { fingerprint, run, stages, temporaryFolders, tinyRecipe } from "../../../test/support/tiny-run.ts";
import { writeJson } from "../../files/index.ts";
import { matrix, rowsOf } from "../../numeric/index.ts";
import { checkpointPath, indexOf, readCheckpoint, writeCheckpoint } from "../../run/checkpoint-folder.ts";
import { type RunEvent, readAudit, readResults, type StageName } from "../../run/index.ts";
import { paths } from "../../run/paths.ts";
import { readNetworkFile } from "../../run/vectors-file.ts";
import { disguised, perceptron, unitsIn } from "../../symmetry/hidden-units.fixture.ts";
import { checkRecipe } from "../check.ts";
import { planRun } from "../plan.ts";
import { loadDenoiser } from "./generator-files.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const audited: readonly StageName[] = [...stages, "audit"];
const parts = {
  preset: "units",
  network: { name: "mlp", hidden: [8] },
  zoo: { kind: "seeds", count: 12, heldOut: 4 },
  autoencoder: { type: "units" },
  diffusion: { denoiser: { width: 16, blocks: 1, heads: 2 }, training: { steps: 20, batch: 8 }, snapshots: 2 },
  sample: { count: 5, sampler: { type: "heun", steps: 4 } },
  audit: {
    draws: 4,
    fineTuned: { count: 0 },
    trained: { count: 2, steps: 2 },
    trajectories: 1,
    compared: 9,
    embeddings: ["pca"],
    baselines: ["noise:0.3", "average:4", "crossover:2", "gaussian-latent"],
  },
};
const recipe = tinyRecipe(parts);
const layout = perceptron(784, 8, 10);

/** Makes a run of convolutional networks. */
async function losesNothing(_: string, network: object): Promise<void> {
  const other = folders.make();
  const convolutional = tinyRecipe({ ...parts, network, zoo: { kind: "seeds", count: 4, heldOut: 3 } });
  await run(other, { recipe: convolutional, stages: audited });
  const { classification, autoencoder } = (await readResults(other))!;
  const { originals, reconstructions } = classification!;
  expect(autoencoder!.varianceExplained).toBeGreaterThan(0.999);
  expect(reconstructions!.test.mean).toBeCloseTo(originals.test.mean, 2);
  expect((await readAudit(other))!.byUnits).toBe(true);
}

describe("a run of hidden units", () => {
  let folder: string;
  beforeAll(async () => {
    folder = folders.make();
    await run(folder, { recipe, stages: audited });
  });

  it("loses nothing between networks and tokens: reconstructions are worth what the originals are", async () => {
    const { classification, autoencoder } = (await readResults(folder))!;
    const { originals, reconstructions } = classification!;
    expect(autoencoder).toMatchObject({ type: "units", latent: layout.size });
    expect(autoencoder!.varianceExplained).toBeGreaterThan(0.9999);
    expect(reconstructions!.test.mean).toBeCloseTo(originals.test.mean, 6);
  });

  it("is compared with unseen networks by further samples, which are none of the run's", async () => {
    const { values, rows } = await readNetworkFile(join(paths(folder).baselines, "further-samples.safetensors"));
    expect(rows).toBe(9 - 5);
    const all = [...rowsOf(matrix(values, layout.size))];
    for (let i = 1; i <= 5; i++) all.push(await readCheckpoint(checkpointPath(paths(folder).samples, i, 5), layout));
    expect(new Set(all.map((row) => row.join())).size).toBe(9);
    expect((await readAudit(folder))!.copying.pull).toMatchObject({ seen: 12, unseen: 4 });
  });

  it("is audited over all orders of units, beside aligned baselines", async () => {
    const audit = await readAudit(folder);
    expect(audit!.byUnits).toBe(true);
    const names = audit!.groups.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["crossover:2", "gaussian-latent", "average:4"]));
    expect(audit!.frontier.map(({ loss }) => loss.heldOut! > 0)).toEqual([true, true]);
  });

  it("is found out where its samples are originals with their units in other orders and at other scales", async () => {
    const copy = folders.make();
    cpSync(folder, copy, { recursive: true });
    const p = paths(copy);
    for (let i = 1; i <= 5; i++) {
      const original = await readCheckpoint(checkpointPath(p.zoo, i, 12), layout);
      const copied = disguised(original, `mask ${i}`, unitsIn(layout));
      await writeCheckpoint(checkpointPath(p.samples, i, 5), layout, copied, { sample: String(i) });
    }
    const index = JSON.parse(readFileSync(p.samplesIndex, "utf8"));
    await writeJson(p.samplesIndex, { ...index, checkpoints: await indexOf(p.samples, 5) });
    await run(copy, { recipe, stages: ["evaluate", "audit"], force: true });
    const { copying, groups } = (await readAudit(copy))!;
    expect(copying.copies).toMatchObject({ near: 5, count: 5 });
    expect(groups.find(({ name }) => name === "samples")!.distance.high).toBeLessThan(0.05);
  });

  it("has a denoiser that is not read as one with other preconditioning", async () => {
    const other = tinyRecipe({ ...parts, diffusion: { ...parts.diffusion, process: { preconditioned: false } } });
    const setting = { paths: paths(folder) };
    await expect(loadDenoiser({ ...setting, recipe })).resolves.toBeDefined();
    await expect(loadDenoiser({ ...setting, recipe: other })).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringMatching(
        /trained with preconditioning, .*set diffusion\.process\.preconditioned=true, or fit/,
      ),
    });
  });

  it("makes the same bytes again, also when it was stopped", async () => {
    const again = folders.make();
    const controller = new AbortController();
    const stop = (event: RunEvent) => {
      if (event.type === "progress" && event.item.id === "fit-denoiser" && event.step >= 9) controller.abort();
    };
    await expect(run(again, { recipe, stages: audited, emit: stop, signal: controller.signal })).rejects.toThrow();
    await run(again, { recipe, stages: audited });
    expect(fingerprint(again)).toEqual(fingerprint(folder));
  });

  const channels = "has channels of convolutions as units, and loses nothing of networks %s";
  it.each([["of grey images", { name: "cnn", channels: [3, 4], kernel: 3, colour: false, hidden: [5] }]])(
    channels,
    losesNothing,
  );
  itThoroughly.each([
    ["that see grey images as colour ones", { name: "cnn", channels: [3, 4], kernel: 3, colour: true, hidden: [] }],
    ["whose channels are normalised, each alone", { name: "convnet", width: 4, depth: 2 }],
    ["whose maps are normalised, place by place", { name: "convnet-mini" }],
  ])(channels, losesNothing);

  it("learns from one training, too, and is warned of it", async () => {
    const warnings: string[] = [];
    const one = tinyRecipe({ ...parts, zoo: { count: 6, references: 0, batch: 50, lr: 1e-2 } });
    await run(folders.make(), {
      recipe: one,
      stages: ["collect", "fit"],
      emit: (event) => void (event.type === "warning" && warnings.push(event.text)),
    });
    expect(warnings.join()).toContain("the checkpoints are of one training, in which units keep their order");
  });
});

describe("hidden units", () => {
  it.each([
    [
      { network: { name: "resnet-mini" } },
      "which units may change places and be scaled is known only of mlp, cnn, convnet, convnet-mini, got resnet-mini",
    ],
    [{ network: { name: "mlp", hidden: [] } }, "hidden units are not known: there is no hidden layer"],
    [
      { zoo: { count: 6, select: "last-layers:1" } },
      "hidden units are not known: there is no hidden layer; generate all of the network (zoo.select: all)",
    ],
  ])("are not known of every network: %o", (change, problem) => {
    expect(() => checkRecipe(tinyRecipe({ ...parts, ...change }))).toThrow(problem);
  });

  it.each([
    [
      { sample: { sampler: { type: "ddpm" } } },
      "a denoiser of velocities (diffusion.process.objective: flow) is followed; use heun or euler",
    ],
    [
      { diffusion: { standardise: true } },
      "tokens of units are standardised already, the same for all units of a layer; use false",
    ],
    [
      { diffusion: { denoiser: { type: "mlp", width: 8, blocks: 1 } } },
      "need a denoiser of units, which does not mind their order",
    ],
    [{ diffusion: { denoiser: { heads: 3 } } }, "expected a width that its heads divide"],
  ])("need a generator that fits them: %j", (change, problem) => {
    const { diffusion: _, sample: __, ...rest } = parts;
    expect(() => tinyRecipe({ ...rest, ...change })).toThrow(problem);
  });

  it("are planned: one token each, of two layers with edges between them", async () => {
    expect(checkRecipe(recipe).tokens).toEqual({
      groups: [
        { count: 8, width: 795 },
        { count: 1, width: 10 },
      ],
      edges: [],
    });
    const deep = tinyRecipe({ ...parts, network: { name: "mlp", hidden: [8, 6] } });
    expect(checkRecipe(deep).tokens!.edges).toEqual([{ count: 48, width: 1 }]);
    expect((await planRun(deep)).latent).toBe(784 * 8 + 8 + 8 * 6 + 6 + 6 * 10 + 10);
  });
});
