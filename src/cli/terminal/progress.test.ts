import pc from "picocolors";
import { describe, expect, it } from "vitest";

import type { RunEvent } from "../../run/index.ts";
import { layOut } from "./layout.ts";
import { follow, taskText } from "./progress.ts";

const colours = pc.createColors(false);

/** A listener with a manual clock, and its output: `>` marks the live line, `!` warnings. */
function recorder(kind: "live" | "plain", columns = 200) {
  const lines: string[] = [];
  let time = 0;
  const live = { update: (text: string) => void lines.push(`> ${text}`), clear: () => void lines.push("> ") };
  const emit = follow(
    { say: (text) => void lines.push(layOut(text, Infinity)), warn: (text) => void lines.push(`! ${text}`), colours },
    { live: kind === "live" ? live : undefined, columns: () => columns, now: () => time },
  );
  return {
    lines,
    emit,
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
    expect(taskText({ ...step, values: { loss: 0.01234 } }, 0.041, 200)).toBe(
      "training the network  312/500 62%  loss 0.0123  41 ms/step  eta 0:08",
    );
  });

  it("shows no remaining time when the speed is unknown", () => {
    expect(taskText({ ...step, values: {} }, undefined, 200)).toBe("training the network  312/500 62%");
  });

  it("leaves out the values, then cuts the text, when the line is too long", () => {
    const event = { ...step, values: { loss: 0.01234, accuracy: 0.5 } };
    expect(taskText(event, 0.041, 60)).toBe("training the network  312/500 62%  41 ms/step  eta 0:08");
    expect(taskText(event, 0.041, 20)).toBe("training the network");
    expect(taskText(event, 0.041, -3)).toBe("");
  });
});

describe("follow, without a terminal", () => {
  it("prints a line when a stage starts, ends, or is already done", () => {
    const { lines, emit } = recorder("plain");
    for (const event of [stage("started"), stage("finished", 61), stage("already done")]) emit(event);
    expect(lines).toEqual(["fit       started", "fit       done in 1:01", "fit       already done"]);
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
    emit({ type: "run", folder: "runs/a", name: "a", resumed: false });
    emit({ type: "run", folder: "runs/a", name: "a", resumed: true });
    expect(lines).toEqual(["continuing runs/a"]);
  });
});
