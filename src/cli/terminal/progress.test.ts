import pc from "picocolors";
import { describe, expect, it } from "vitest";

import type { RunEvent } from "../../run/index.ts";
import { layOut } from "./layout.ts";
import { follow, taskText } from "./progress.ts";
import type { PlannedSeconds } from "./run-clock.ts";

const colours = pc.createColors(false);

/** A listener with a manual clock, and its output: `>` marks the live line, `!` warnings. */
function recorder(kind: "live" | "plain", columns = 200, planned: PlannedSeconds = {}) {
  const lines: string[] = [];
  let time = 0;
  const live = { update: (text: string) => void lines.push(`> ${text}`), clear: () => void lines.push("> ") };
  const emit = follow(
    { say: (text) => void lines.push(layOut(text, Infinity)), warn: (text) => void lines.push(`! ${text}`), colours },
    { live: kind === "live" ? live : undefined, columns: () => columns, now: () => time, planned },
  );
  return {
    lines,
    emit,
    /** Lets time pass. */
    pass: (seconds: number) => {
      time += seconds;
    },
    /** Emits `total` steps of a task, `seconds` apart. */
    work(total: number, seconds: number, { label = "training the network", from = 0 } = {}) {
      for (let step = from + 1; step <= total; step++) {
        time += seconds;
        emit({
          type: "progress",
          stage: "collect",
          item: { id: label, label },
          step,
          total,
          values: { loss: 1 / step },
        });
      }
    },
  };
}

const stage = (state: "started" | "finished" | "already done", seconds?: number): RunEvent => ({
  type: "stage",
  stage: "fit",
  state,
  ...(seconds !== undefined && { seconds }),
});

describe("taskText", () => {
  const step = {
    type: "progress",
    stage: "collect",
    item: { id: "train-base", label: "training the network" },
    step: 312,
    total: 500,
  } as const;

  it("shows task, steps, values, speed and remaining time", () => {
    expect(taskText({ ...step, values: { loss: 0.01234 } }, { secondsPerStep: 0.041, left: 7.7 }, 200)).toBe(
      "training the network  312/500 62%  loss 0.0123  41 ms/step  eta 0:08",
    );
  });

  it("shows no remaining time when the speed is unknown", () => {
    expect(taskText({ ...step, values: {} }, {}, 200)).toBe("training the network  312/500 62%");
  });

  const facts = { place: "stage 1 of 6", secondsPerStep: 0.041, left: 7.7, leftOfAll: 250 };

  it("shows the place of the stage and the time of all", () => {
    expect(taskText({ ...step, values: {} }, facts, 200)).toBe(
      "stage 1 of 6  training the network  312/500 62%  41 ms/step  eta 0:08, all 4:10",
    );
  });

  it.each([
    [80, "stage 1 of 6  training the network  312/500 62%  41 ms/step  eta 0:08, all 4:10"],
    [70, "stage 1 of 6  training the network  312/500 62%  eta 0:08, all 4:10"],
    [60, "training the network  312/500 62%  eta 0:08, all 4:10"],
    [50, "training the network  312/500 62%  all 4:10"],
    [20, "training the network"],
    [-3, ""],
  ])("leaves out values, speed, place and the task's time to fit %d columns", (columns, text) => {
    expect(taskText({ ...step, values: { loss: 0.01234, accuracy: 0.5 } }, facts, columns)).toBe(text);
  });
});

describe("follow, without a terminal", () => {
  it("prints a line when a stage starts, ends, or is already done", () => {
    const { lines, emit } = recorder("plain");
    for (const event of [stage("started"), stage("finished", 61), stage("already done")]) emit(event);
    expect(lines).toEqual(["fit       started", "fit       done in 1:01", "fit       already done"]);
  });

  it("says at the start of a stage which one it is and how much time is left", () => {
    const { lines, emit, pass } = recorder("plain", 200, { fit: 60, sample: 30 });
    emit({ type: "run", folder: "runs/a", name: "a", resumed: false, stages: ["fit", "sample"] });
    emit(stage("started"));
    pass(60);
    emit(stage("finished", 60));
    emit({ type: "stage", stage: "sample", state: "started" });
    expect(lines).toEqual([
      "fit       started: stage 1 of 2, about 2 min left",
      "fit       done in 1:00",
      "sample    started: stage 2 of 2, about 30 s left",
    ]);
  });

  it("prints nothing when a task takes less than ten seconds", () => {
    const { lines, work } = recorder("plain");
    work(900, 0.01);
    expect(lines).toEqual([]);
  });

  it("prints at most one line per 5 % of a long task", () => {
    const { lines, work } = recorder("plain");
    work(1000, 10);
    expect(lines).toHaveLength(19);
    expect(lines[0]).toBe("collect   training the network  51/1000 5%  loss 0.0196  10 s/step  eta 2:38:10");
  });

  it("prints at most one line per ten seconds of a short task", () => {
    const { lines, work } = recorder("plain");
    work(100, 0.5);
    expect(lines.map((line) => line.match(/\d+%/)?.[0])).toEqual(["21%", "41%", "61%", "81%"]);
  });

  it("restarts its intervals when a task starts", () => {
    const { lines, work } = recorder("plain");
    work(100, 0.09);
    work(100, 0.09, { label: "another" });
    expect(lines).toEqual([]);
  });
});

describe("follow, on a terminal", () => {
  it("rewrites one line, at most every 80 ms", () => {
    const { lines, work } = recorder("live");
    work(1000, 0.001);
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.length).toBeLessThan(20);
    expect(lines.every((line) => line.startsWith("> collect   training the network  "))).toBe(true);
  });

  it("shows the first step at once when a task starts", () => {
    const { lines, work } = recorder("live");
    work(2, 0.001);
    work(2, 0.001, { label: "measuring" });
    expect(lines.map((line) => line.slice(0, 40))).toEqual([
      "> collect   training the network  1/2 50",
      "> collect   measuring  1/2 50%  loss 1",
    ]);
  });

  it("cuts the line to the width of the terminal", () => {
    const { lines, work } = recorder("live", 40);
    work(500, 0.1);
    expect(Math.max(...lines.map((line) => line.length - "> ".length))).toBe(40);
  });

  it("clears the live line before it prints a note or warning", () => {
    const { lines, emit } = recorder("live");
    emit(stage("started"));
    emit({ type: "note", stage: "fit", text: "explains 0.98" });
    emit({ type: "warning", stage: "fit", text: "that is little" });
    emit(stage("finished", 3));
    expect(lines).toEqual([
      "> ",
      "> fit       starting",
      "> ",
      "fit       explains 0.98",
      "> ",
      "! fit: that is little",
      "> ",
      "fit       done in 3.0 s",
    ]);
  });

  it("prints a line when a run is resumed", () => {
    const { lines, emit } = recorder("plain");
    emit({ type: "run", folder: "runs/a", name: "a", resumed: false, stages: [] });
    emit({ type: "run", folder: "runs/a", name: "a", resumed: true, stages: [] });
    expect(lines).toEqual(["continuing runs/a"]);
  });
});
