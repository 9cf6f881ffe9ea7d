import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { curvesOf } from "./curves.ts";
import { type Paths, paths } from "./paths.ts";

let p: Paths;
beforeEach(async () => {
  p = paths(await mkdtemp(join(tmpdir(), "pdiff-curves-")));
});
afterEach(() => rm(p.folder, { recursive: true }));

it("a training has a curve of its losses, in the order in which trainings are shown", async () => {
  const lines = [
    { stage: "fit", task: "fit-denoiser", step: 1, loss: 0.9 },
    { stage: "collect", task: "train-base", step: 1, loss: 2 },
    { stage: "collect", task: "train-base", step: 2, loss: 1.5 },
    { stage: "collect", task: "train-base", step: 3, accuracy: 0.8 },
    { stage: "collect", task: "train-reference-1", step: 1, loss: 7 },
  ];
  await writeFile(p.metrics, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const shared = { unit: "loss", log: true };
  expect(await curvesOf(p)).toEqual([
    {
      ...shared,
      id: "train-base",
      name: "training the network",
      points: [
        { step: 1, value: 2 },
        { step: 2, value: 1.5 },
      ],
    },
    { ...shared, id: "fit-denoiser", name: "training the denoiser", points: [{ step: 1, value: 0.9 }] },
  ]);
});

it("a run without a journal has none", async () => {
  expect(await curvesOf(p)).toEqual([]);
});
