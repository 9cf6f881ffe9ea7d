import { describe, expect, it } from "vitest";

import { runClock } from "./run-clock.ts";

const planned = { collect: 60, fit: 30, sample: 10 };
const stages = ["collect", "fit", "sample"] as const;

/** A clock whose call has begun, in its first stage. */
function begun(of: readonly (typeof stages)[number][] = stages) {
  const clock = runClock(planned);
  clock.begin(of);
  clock.start(of[0] ?? "collect", 0);
  return clock;
}

describe("runClock", () => {
  it("says where a stage stands among those of the call", () => {
    expect(begun().place("fit")).toBe("stage 2 of 3");
    expect(begun(["fit", "sample"]).place("fit")).toBe("stage 1 of 2");
  });

  it("says nothing of the place of the only stage", () => expect(begun(["fit"]).place("fit")).toBeUndefined());

  it("has the plan's time left when nothing is measured", () => {
    expect(begun().left(0)).toBe(100);
    expect(begun().left(20)).toBe(80);
  });

  it("knows no time where the plan does not know a stage", () => {
    const clock = runClock({ collect: 60 });
    clock.begin(["collect", "audit"]);
    expect(clock.left(0)).toBeUndefined();
  });

  it("scales what is left when a stage took longer than planned", () => {
    const clock = begun();
    clock.finish(180);
    clock.start("fit", 180);
    // Three times as long, less a little for what was not measured.
    expect(clock.left(180)).toBeGreaterThan(95);
    expect(clock.left(180)).toBeLessThan(120);
  });

  it("scales what is left when the current task will take longer than its stage was planned", () => {
    const clock = begun();
    let left: number | undefined;
    for (let step = 0; step <= 500; step++)
      left = clock.left(0.2 * step, { id: "train-base", step, total: 1000, perStep: 0.2 });
    // 100 s of the task, and 40 s planned after it about three times over.
    expect(left).toBeGreaterThan(190);
    expect(left).toBeLessThan(250);
  });

  it("lets the plan count less as a task comes to its end", () => {
    const task = { id: "train-base", total: 100, perStep: 0.1 };
    const [early, late] = [begun().left(1, { ...task, step: 10 }), begun().left(9, { ...task, step: 90 })];
    expect(early).toBeGreaterThan(90);
    expect(late).toBeLessThan(60);
  });

  it("changes little between two looks when a task becomes four times slower", () => {
    const clock = begun();
    let shown = clock.left(0) ?? 0;
    for (let now = 0.1; now < 60; now += 0.1) {
      const next = clock.left(now, { id: "a", step: now, total: 60, perStep: now < 30 ? 1 : 4 }) ?? 0;
      expect(Math.abs(next - shown)).toBeLessThan(5);
      shown = next;
    }
  });
});
