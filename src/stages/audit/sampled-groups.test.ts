import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";

import { run, temporaryFolders, tinyLinear, tinyRecipe } from "../../../test/support/tiny-run.ts";
import type { DrawWork, WorkerProgress } from "../worker-messages.ts";
import { workInProcesses } from "../worker-pool.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

it("worker processes draw the samples of an audit to the same bytes", async () => {
  const recipe = tinyRecipe({
    ...tinyLinear,
    network: { name: "mlp", hidden: [8] },
    zoo: { kind: "seeds", count: 12, canonical: true },
    diffusion: { denoiser: { width: 16, blocks: 1 }, training: { steps: 25, batch: 8 }, snapshots: 1 },
    audit: { baselines: ["average:4"], draws: 3, trajectories: 2, compared: 10, fineTuned: { count: 1, steps: 2 } },
  });
  const folder = folders.make();
  await run(folder, { recipe, stages: ["collect", "fit", "sample", "evaluate", "audit"] });
  const fileOf = (name: string) => join(folder, "evaluation", "baselines", `${name}.safetensors`);
  const works: DrawWork[] = [
    { kind: "draw", name: "denoising path", file: fileOf("denoising-path"), group: { kind: "path", count: 2 } },
    { kind: "draw", name: "step 25", file: fileOf("step-25"), group: { kind: "snapshot", step: 25, count: 6 } },
    { kind: "draw", name: "further samples", file: fileOf("further-samples"), group: { kind: "further", count: 4 } },
  ];
  const drawn = works.map(({ file }) => readFileSync(file));
  for (const { file } of works) rmSync(file);
  const heard: WorkerProgress[] = [];
  await workInProcesses({
    folder,
    recipe,
    queue: [...works],
    workers: 2,
    signal: new AbortController().signal,
    onProgress: (_, progress) => void heard.push(progress),
  });
  for (const [i, { file }] of works.entries()) {
    expect(existsSync(file)).toBe(true);
    expect(readFileSync(file).equals(drawn[i] ?? Buffer.of())).toBe(true);
  }
  expect(heard).toContainEqual({ kind: "draws", done: expect.any(Number), total: 20 });
}, 120_000);
