import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { fingerprint, run, temporaryFolders, tinyLinear, tinyRecipe } from "../../../test/support/tiny-run.ts";
import { mostWorkers } from "../worker-pool.ts";

// As if trainings took long, on as many cores as a test says.
vi.mock("../step-cost.ts", async (original) => ({
  ...(await original<typeof import("../step-cost.ts")>()),
  secondsOf: () => 1000,
}));
vi.mock("../worker-pool.ts", async (original) => ({
  ...(await original<typeof import("../worker-pool.ts")>()),
  mostWorkers: vi.fn(),
}));

const folders = temporaryFolders();
afterAll(folders.remove);

const recipe = tinyRecipe({
  ...tinyLinear,
  base: { epochs: 30, batch: 50, lr: 1e-2, optimiser: "adam", schedule: "cosine", keep: "selection" },
  zoo: { count: 4, references: 3 },
});
async function collected(cores: number, folder = folders.make(), signal = new AbortController().signal) {
  vi.mocked(mostWorkers).mockReturnValue(cores);
  await run(folder, { recipe, stages: ["collect"], saveEveryMs: 10_000, signal });
  return folder;
}
const referencesIn = (folder: string) => readdirSync(join(folder, "references")).sort();

describe("reference networks", () => {
  let alone: string;
  beforeAll(async () => {
    alone = await collected(1);
  }, 60_000);

  it("become the same, byte for byte, on whichever core they are trained", { timeout: 60_000 }, async () => {
    expect(referencesIn(alone)).toEqual([...[1, 2, 3].map((i) => `000${i}.safetensors`), "index.json"]);
    const folder = await collected(3);
    expect(fingerprint(folder)).toEqual(fingerprint(alone));
    const curves = readFileSync(join(folder, "metrics.jsonl"), "utf8");
    for (const i of [1, 2, 3]) expect(curves).toContain(`train-reference-${i}`);
  });

  it("are stopped with the rest, and gone on with", { timeout: 60_000 }, async () => {
    const folder = folders.make();
    const controller = new AbortController();
    const stopped = collected(3, folder, controller.signal);
    const curves = join(folder, "metrics.jsonl");
    const begun = () => existsSync(curves) && readFileSync(curves, "utf8").includes("reference");
    const beginning = setInterval(() => {
      if (begun()) controller.abort();
    }, 20);
    await expect(stopped).rejects.toThrow("stopped");
    clearInterval(beginning);
    expect(existsSync(join(folder, "references", "index.json"))).toBe(false);
    await collected(3, folder);
    expect(fingerprint(folder)).toEqual(fingerprint(alone));
  });
});
