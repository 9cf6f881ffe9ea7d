/** Latents from a fitted denoiser, with and without a snapshot that guides it. */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { run, temporaryFolders, tinyLinear, tinyRecipe } from "../../../test/support/tiny-run.ts";
import { key } from "../../random/index.ts";
import { builtInParts, type Recipe } from "../../recipe/index.ts";
import { paths } from "../../run/index.ts";
import { snapshotPath } from "../fit/generator-files.ts";
import { openLatents, requireFinite } from "./latent-source.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const shape = { count: 3, latent: 8 };

/** The recipe of a run with snapshots at steps 1, 5 and 25, and guidance or none. */
const recipeWith = (guidance: object | null): Recipe =>
  tinyRecipe({
    ...tinyLinear,
    autoencoder: { latent: shape.latent },
    zoo: { count: 12 },
    diffusion: { denoiser: { width: 16, blocks: 1 }, training: { steps: 25, batch: 8 }, snapshots: 3 },
    sample: { count: 3, sampler: { type: "ddim", steps: 4 }, guidance },
  });

describe("latents of a denoiser", () => {
  let folder: string;
  beforeAll(async () => {
    folder = folders.make();
    await run(folder, { recipe: recipeWith(null), stages: ["collect", "fit"] });
  });

  async function drawn(guidance: object | null, snapshot?: number): Promise<Float32Array> {
    const setting = { recipe: recipeWith(guidance), paths: paths(folder), parts: builtInParts };
    const source = await openLatents(setting, shape, snapshot);
    try {
      return await source.draw({ key: key(3) });
    } finally {
      await source.release();
    }
  }

  it("are those without guidance where its weight is 1", async () => {
    const [plain, guided] = [await drawn(null), await drawn({ weight: 1 })];
    const off = plain.map((x, i) => Math.abs(x - (guided[i] ?? Number.NaN)));
    expect(Math.max(...off)).toBeLessThan(1e-4 * Math.max(...plain.map(Math.abs)));
  });

  it("differ by the weight, and by the snapshot that guides", async () => {
    const draws = await Promise.all([
      drawn(null),
      drawn({ weight: 2 }),
      drawn({ weight: 4 }),
      drawn({ weight: 4, after: 0.01 }),
      drawn({ weight: 4, from: 0.3, to: 0.8 }),
    ]);
    expect(new Set(draws.map(String)).size).toBe(5);
  });

  it("of a snapshot are its own, whatever guides the run", async () => {
    expect(await drawn({ weight: 4 }, 5)).toEqual(await drawn(null, 5));
    expect(await drawn(null, 25)).toEqual(await drawn(null));
  });

  it("are refused where the snapshot that guides is damaged, and drawn without it", async () => {
    const p = paths(folder);
    appendFileSync(snapshotPath(p, 5), "x");
    await expect(drawn({ after: 0.2 })).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringMatching(/denoiser-00000005\.safetensors .*pdiff fit .* --force/),
    });
    await expect(drawn({ after: 0.01 })).resolves.toHaveLength(24);
    await expect(drawn(null)).resolves.toHaveLength(24);
  });
});

it("a run with guidance says so in the index of its samples", async () => {
  const folder = folders.make();
  const recipe = recipeWith({ weight: 3 });
  await run(folder, { recipe, stages: ["collect", "fit", "sample"] });
  const { default: index } = await import(join(folder, "samples", "index.json"), { with: { type: "json" } });
  expect(index).toMatchObject({ guidance: { weight: 3, after: 0.1 } });
});

it("latents that are not finite are refused", () => {
  expect(() => requireFinite(Float32Array.of(1, Number.NaN))).toThrow(/sampling diverged/);
  expect(requireFinite(Float32Array.of(1, 2))).toEqual(Float32Array.of(1, 2));
});
