import { type ChildProcess, fork } from "node:child_process";
import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { fingerprint, run, temporaryFolders, tinyLinear, tinyRecipe } from "../../test/support/tiny-run.ts";
import { checkpointPath } from "../run/checkpoint-folder.ts";
import type { TrainingGroup } from "./collect/training-groups.ts";
import type { TrainWork, WorkerProgress } from "./worker-messages.ts";
import { workInProcesses } from "./worker-pool.ts";

// So that a test can end a process.
vi.mock("node:child_process", async (original) => {
  const all = await original<typeof import("node:child_process")>();
  return { ...all, fork: vi.fn(all.fork) };
});

const folders = temporaryFolders();
afterAll(folders.remove);

const COUNT = 60;
const recipe = tinyRecipe({
  ...tinyLinear,
  network: { name: "mlp", hidden: [8] },
  base: { epochs: 24, batch: 50, lr: 1e-2, optimiser: "adam", schedule: "cosine" },
  zoo: { kind: "seeds", count: COUNT, canonical: true },
});
const collect = (folder: string) => run(folder, { recipe, stages: ["collect"] });

describe("separate trainings in processes of their own", () => {
  let alone: string;
  let folder: string;
  let groups: TrainingGroup[];
  let tasks: TrainWork[];
  beforeAll(async () => {
    alone = folders.make();
    await collect(alone);
    // Another run, of which only the first group is there.
    folder = folders.make();
    cpSync(alone, folder, { recursive: true });
    const zoo = join(folder, "zoo");
    rmSync(join(zoo, "index.json"));
    for (let i = 21; i <= COUNT; i++) rmSync(checkpointPath(zoo, i, COUNT));
    groups = [21, 41].map((first) => ({
      part: "seed",
      folder: zoo,
      count: COUNT,
      networks: Array.from({ length: 20 }, (_, i) => first + i),
    }));
    tasks = groups.map((group) => ({ kind: "train", group }));
  }, 60_000);

  it("save where they stand when they are stopped, and go on from there", async () => {
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    await workInProcesses({ folder, recipe, queue: [...tasks], workers: 2, signal: controller.signal, onProgress });
    const states = [21, 41].filter((first) => existsSync(join(folder, "zoo", `state-${first}.safetensors`)));
    expect(states).not.toEqual([]);
    expect(existsSync(checkpointPath(join(folder, "zoo"), 41, COUNT))).toBe(false);
  }, 60_000);

  it("give the same bytes, and report their steps and losses", async () => {
    const heard = new Map<TrainWork, WorkerProgress[]>();
    const onProgress = (task: TrainWork, progress: WorkerProgress) =>
      void heard.set(task, [...(heard.get(task) ?? []), progress]);
    const signal = new AbortController().signal;
    await workInProcesses({ folder, recipe, queue: [...tasks], workers: 2, signal, onProgress });
    for (const task of tasks) {
      const last = heard.get(task)!.at(-1)!;
      expect(last).toMatchObject({ kind: "steps", done: 144 });
      expect((last as Extract<WorkerProgress, { kind: "steps" }>).losses).toHaveLength(20);
    }
    await collect(folder);
    expect(fingerprint(folder)).toEqual(fingerprint(alone));
  }, 60_000);

  it("fail where one of them is ended, and say how to go on", async () => {
    const started = vi.mocked(fork).mock.results;
    const ended = workInProcesses({
      folder: alone,
      recipe,
      queue: [...tasks],
      workers: 1,
      signal: new AbortController().signal,
      onProgress: () => void (started.at(-1)!.value as ChildProcess).kill("SIGKILL"),
    });
    await expect(ended).rejects.toMatchObject({
      code: "E_RUN",
      message: expect.stringMatching(/ended early \(SIGKILL\).*run the same command to resume/),
    });
  }, 60_000);

  it("end without a failure when Ctrl-C reaches them while they start", async () => {
    const controller = new AbortController();
    const started = vi.mocked(fork).mock.results;
    const ended = workInProcesses({
      folder: alone,
      recipe,
      queue: [...tasks],
      workers: 1,
      signal: controller.signal,
      onProgress: () => {},
    });
    (started.at(-1)!.value as ChildProcess).kill("SIGINT");
    // The signal may reach this process a little later.
    setTimeout(() => controller.abort(), 100);
    await ended;
  }, 60_000);

  it("fail with what went wrong", async () => {
    const signal = new AbortController().signal;
    const data = { ...recipe.data, name: "folder", folder: "no-such-images" };
    const options = { queue: [...tasks], workers: 2, signal, onProgress: () => {} };
    const failing = { ...options, folder: folders.make(), recipe: { ...recipe, data } };
    await expect(workInProcesses(failing)).rejects.toThrow("no-such-images");
  }, 60_000);
});
