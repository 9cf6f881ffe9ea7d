import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { setTimeout as pause } from "node:timers/promises";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { forgetMeasurements, openJournal, readMetrics, readStatus, type Status } from "./journal.ts";
import { type Paths, paths } from "./paths.ts";

let root: string;
let p: Paths;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pdiff-folder-"));
  p = paths(join(root, "run"));
  await mkdir(p.folder);
});
afterEach(() => rm(root, { recursive: true }));

const status = (parts: Partial<Status> = {}): Status => ({
  state: "running",
  stage: "fit",
  pid: process.ppid,
  updated: new Date().toISOString(),
  seconds: {},
  tasks: {},
  ...parts,
});

describe("the journal of a run", () => {
  it("records which stage is at work, for how long, and how it ended", async () => {
    const journal = await openJournal(p);
    await journal.enter("collect");
    expect(await readStatus(p)).toMatchObject({ state: "running", stage: "collect", pid: process.pid });
    await journal.enter("fit");
    await journal.leave("failed", "the disk is full");
    const left = await readStatus(p);
    expect(left).toMatchObject({ state: "failed", stage: "fit", error: "the disk is full" });
    expect(Object.keys(left!.seconds)).toEqual(["collect", "fit"]);
  });

  it("continues counting seconds after a restart, and forgets stages that run again", async () => {
    await writeFile(p.status, JSON.stringify(status({ seconds: { collect: 100, fit: 50 } })));
    const journal = await openJournal(p);
    await journal.enter("fit");
    expect(journal.seconds().fit).toBeGreaterThanOrEqual(50);
    journal.forget(["fit"]);
    expect(journal.seconds()).toMatchObject({ collect: 100 });
    expect(journal.seconds().fit).toBeLessThan(50);
  });

  it("leaves out the time of work that no snapshot holds, which a kill loses", async () => {
    const killed = await openJournal(p);
    await killed.enter("fit");
    await pause(30);
    await killed.beat("fit-denoiser");
    killed.saved();
    const { fit, ...others } = killed.seconds();
    expect(others).toEqual({});
    await pause(60);
    await killed.beat("fit-denoiser");
    const resumed = await openJournal(p);
    await resumed.enter("fit");
    // The status was last written when the stage was entered.
    expect(resumed.taskSeconds()).toEqual({});
    await killed.leave("interrupted");
    expect((await openJournal(p)).taskSeconds()["fit-denoiser"]).toBeGreaterThan(0.08);
    expect((await openJournal(p)).seconds().fit).toBeGreaterThan(fit ?? 0);
  });

  it("keeps the time of work that is done, whether or not a snapshot holds it", async () => {
    const killed = await openJournal(p);
    await killed.enter("fit");
    await pause(30);
    await killed.beat("fit-denoiser", true);
    expect((await openJournal(p)).taskSeconds()["fit-denoiser"]).toBeGreaterThan(0.02);
  });

  it("reports each step once when it was measured twice, and skips incomplete lines", async () => {
    const journal = await openJournal(p);
    await journal.measure({ stage: "fit", task: "t", step: 2, loss: 0.5 });
    await journal.measure({ stage: "fit", task: "t", step: 1, loss: 0.9 });
    await appendFile(p.metrics, '{"stage":"fit","task":"t","st\n[]\nnull\n');
    await journal.measure({ stage: "fit", task: "t", step: 2, loss: 0.4 });
    await journal.measure({ stage: "fit", task: "other", step: 3, loss: 7 });
    expect(await readMetrics(p)).toEqual([
      { stage: "fit", task: "t", step: 1, loss: 0.9 },
      { stage: "fit", task: "t", step: 2, loss: 0.4 },
      { stage: "fit", task: "other", step: 3, loss: 7 },
    ]);
  });

  it("forgets measurements of stages that are done again, and tasks once all are", async () => {
    const journal = await openJournal(p);
    await journal.measure({ stage: "collect", task: "train-base", step: 1, loss: 2 });
    await journal.measure({ stage: "fit", task: "fit-denoiser", step: 1, loss: 3 });
    await journal.measure({ stage: "fit", task: "fit-autoencoder", step: 1, loss: 4 });
    await forgetMeasurements(p, ["fit", "sample"]);
    await journal.measure({ stage: "fit", task: "fit-denoiser", step: 1, loss: 5 });
    expect((await readMetrics(p)).map(({ task, loss }) => [task, loss])).toEqual([
      ["train-base", 2],
      ["fit-denoiser", 5],
    ]);
    await journal.beat("train-base");
    journal.forget(["fit"]);
    expect(Object.keys(journal.taskSeconds())).toEqual(["train-base"]);
    journal.forget(["collect", "fit"]);
    expect(journal.taskSeconds()).toEqual({});
  });

  it("logs each line with its time", async () => {
    const journal = await openJournal(p);
    await journal.log("one");
    await journal.log("two");
    expect(await readFile(p.log, "utf8")).toMatch(/^\d{4}-\S+Z one\n\d{4}-\S+Z two\n$/);
  });
});

describe("a status file", () => {
  it.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["another thing", "[1]"],
    ["an unknown state", JSON.stringify({ ...status(), state: "asleep" })],
  ])("is not read when it holds %s", async (_, text) => {
    await writeFile(p.status, text);
    expect(await readStatus(p)).toBeUndefined();
  });
});
