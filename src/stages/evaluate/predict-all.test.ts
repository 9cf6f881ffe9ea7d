/** Predictions run in processes where these are worth their start. */
import { afterEach, expect, it, vi } from "vitest";

import { tinyRecipe } from "../../../test/support/tiny-run.ts";
import { paths } from "../../run/index.ts";
import { classifierOf, type TrainingTask } from "../context.ts";
import { workInProcesses } from "../worker-pool.ts";
import { openJobPredictor, type PredictJob } from "./predict.ts";
import { predictAll } from "./predict-all.ts";

vi.mock("../worker-pool.ts", () => ({ mostWorkers: () => 4, workInProcesses: vi.fn(async () => {}) }));
vi.mock("./predict.ts", () => ({ openJobPredictor: vi.fn() }));
afterEach(() => vi.clearAllMocks());

const recipe = tinyRecipe();
const run = vi.fn(async (_: PredictJob, onImages: (more: number) => void) => onImages(10));
const release = vi.fn(async () => {});

/** Predicts a number of images in a number of jobs; returns the processes that are started. */
async function processesFor(images: number, jobs: number): Promise<number> {
  vi.mocked(openJobPredictor).mockResolvedValue({ run, release } as never);
  await predictAll({
    recipe,
    paths: paths("run"),
    task: async () => ({ network: classifierOf(recipe) }) as TrainingTask,
    tasks: Array.from({ length: jobs }, () => ({}) as PredictJob),
    images,
    signal: new AbortController().signal,
    onImages: () => {},
  });
  return vi.mocked(workInProcesses).mock.calls[0]?.[0].workers ?? 0;
}

it("predicts in this process where there is little to do", async () => {
  expect(await processesFor(100_000, 3)).toBe(0);
  expect(run).toHaveBeenCalledTimes(3);
  expect(release).toHaveBeenCalledOnce();
});

it("starts a process for every two seconds of work, at most as many as there are jobs and cores", async () => {
  expect(await processesFor(1e9, 100)).toBe(4);
  vi.clearAllMocks();
  expect(await processesFor(1e9, 3)).toBe(3);
  expect(run).not.toHaveBeenCalled();
});
