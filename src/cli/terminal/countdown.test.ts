import { describe, expect, it } from "vitest";

import { countdown } from "./countdown.ts";

describe("countdown", () => {
  it("shows the first estimate as it is", () => expect(countdown()(100, 0)).toBe(100));

  it("counts down while the estimate holds", () => {
    const show = countdown();
    for (let now = 0; now <= 100; now++) expect(show(100 - now, now)).toBeCloseTo(100 - now);
  });

  it("moves to another estimate in steps, and reaches it", () => {
    const show = countdown();
    let shown = show(300, 0);
    for (let now = 1; now < 100; now++) {
      const next = show(600, now);
      expect(next - shown).toBeGreaterThan(-1);
      expect(next - shown).toBeLessThan(15);
      shown = next;
    }
    expect(shown).toBeGreaterThan(500);
  });

  it("never shows less than no time", () => {
    const show = countdown();
    show(2, 0);
    expect(show(0, 10)).toBeGreaterThanOrEqual(0);
  });
});
