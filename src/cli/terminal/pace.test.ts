import { describe, expect, it } from "vitest";

import { pace } from "./pace.ts";

/** Reports steps that take the given seconds each, starting after step `from`. */
function paceOf(seconds: readonly number[], from = 0): number | undefined {
  const measured = pace();
  let now = 1000;
  seconds.forEach((each, i) => {
    now += each;
    measured.observe(from + i + 1, now);
  });
  return measured.perStep;
}

describe("pace", () => {
  it("is undefined during the warm-up", () => {
    expect(paceOf([1, 1, 1])).toBeUndefined();
    expect(paceOf([1, 1, 1, 1])).toBeCloseTo(1);
  });

  it("ignores a slow start", () => {
    expect(paceOf([60, 30, 5, ...Array<number>(20).fill(0.1)])).toBeCloseTo(0.1);
  });

  it("counts from the first reported step when work is resumed", () => {
    expect(paceOf(Array<number>(10).fill(0.5), 4000)).toBeCloseTo(0.5);
  });

  it("adapts smoothly when the speed changes", () => {
    const fast = Array<number>(200).fill(0.1);
    const soon = paceOf([...fast, ...Array<number>(5).fill(1)])!;
    expect(soon).toBeGreaterThan(0.1);
    expect(soon).toBeLessThan(0.5);
    expect(paceOf([...fast, ...Array<number>(100).fill(1)])).toBeCloseTo(1, 1);
  });

  it("counts the whole time of a step when it is reported several times", () => {
    const measured = pace();
    for (let i = 0; i < 80; i++) measured.observe(Math.floor(i / 8), i / 8);
    expect(measured.perStep).toBeCloseTo(1);
  });

  it("weighs reports by their number of steps", () => {
    const measured = pace();
    for (const [step, now] of [
      [1, 0],
      [2, 0],
      [3, 0],
      [103, 10],
      [104, 10.1],
      [304, 30.1],
    ] as const)
      measured.observe(step, now);
    expect(measured.perStep).toBeCloseTo(0.1);
  });
});
