import { describe, expect, it } from "vitest";

import { emptyAudit, madeUpAudit } from "../audit.fixture.ts";
import { bandLegend, bandMarks, bandRows, originalsBand } from "./originals-band.ts";
import { plotting } from "./plot.ts";
import { paperTheme } from "./theme.ts";

const audit = madeUpAudit(40);
const plot = await plotting();
const look = { width: 500, theme: paperTheme };

describe("the originals' band", () => {
  it("lies around their mean, in percent", () => {
    const band = originalsBand(audit);
    expect(band?.low).toBeLessThan(band?.mean ?? 0);
    expect(band?.high).toBeGreaterThan(band?.mean ?? 100);
    expect(band?.mean).toBeCloseTo(97.3, 0);
    expect(bandRows(audit, band)[1]?.[1]).toBeCloseTo(0.973, 2);
    expect(bandLegend(paperTheme, band)).toHaveLength(2);
  });

  it("is missing when the originals' scores are not known", () => {
    expect(originalsBand(emptyAudit)).toBeUndefined();
    expect(bandRows(emptyAudit, undefined)).toEqual([]);
  });

  it("is drawn as far as it lies within the axis", () => {
    const band = { low: 10, mean: 20, high: 30 };
    expect(bandMarks(plot, look, band, [0, 40])).toHaveLength(2);
    expect(bandMarks(plot, look, band, [25, 40])).toHaveLength(1);
    expect(bandMarks(plot, look, band, [31, 40])).toHaveLength(0);
  });
});
