import { describe, expect, it } from "vitest";

import type { Audit } from "../../records/index.ts";
import { emptyAudit } from "../audit.fixture.ts";
import { groupNamed } from "../audit-groups.ts";
import { run } from "../report.fixture.ts";
import { scoredAudit } from "../user-metric.fixture.ts";
import { auditFindings } from "./audit-findings.ts";

const finding = (label: string, changes: Partial<Audit> = {}) =>
  auditFindings({ ...run.audit, ...changes }).find((each) => each.label === label);

const excess = (low: number, value: number, high: number): Pick<Audit, "excess"> => ({
  excess: [
    {
      family: "average",
      through: [],
      tolerance: 0.05,
      beyond: 0,
      reaches: true,
      excess: { low, value, high },
      exact: { low: low + 0.01, value: value + 0.01, high: high + 0.01 },
    },
  ],
});

describe("the audit's findings", () => {
  it("are none when nothing is known", () => {
    expect(auditFindings(emptyAudit)).toEqual([]);
  });

  it.each([
    [excess(0.001, 0.002, 0.003), "+0.20", "No simpler method is as good"],
    [excess(-0.003, -0.002, -0.001), "−0.20", "The baseline is better"],
    [excess(-0.001, 0.002, 0.005), "+0.20", "not reliably better"],
  ])("say whether samples are better than the best baseline (%#)", (changes, value, meaning) => {
    const found = finding("Points above the best baseline", changes);
    expect(found?.value).toBe(value);
    expect(found?.meaning).toContain(meaning);
  });

  it("give the excess at exactly the samples' distance, too", () => {
    expect(finding("Points above the best baseline", excess(0.001, 0.002, 0.003))?.meaning).toContain(
      "may lie 5\u00a0% nearer here, because their distances vary by as much; at exactly the samples’ distance the difference is +1.20 (+1.10 to +1.30)",
    );
  });

  it("do not round an excess to 0 when it is small", () => {
    expect(finding("Points above the best baseline", excess(0, 0.00001, 0.00002))?.value).toBe("+0.001");
  });

  it.each([
    [-9.7, 0.001, true, "the samples lie nearer"],
    [-1, 0.2, false, "within what chance gives"],
    [4, 1, false, "do not lie nearer"],
  ])("read the copying statistic %d with its probability %d", (zu, p, nearer, meaning) => {
    expect(finding("Copying statistic", { copying: { ...run.audit.copying, zu, p, nearer } })?.meaning).toContain(
      meaning,
    );
  });

  it("give the distance beyond the order of units when that is known", () => {
    const [samples, heldOut] = [groupNamed(run.audit, "samples"), groupNamed(run.audit, "held-out")];
    if (samples === undefined || heldOut === undefined) throw new Error("there are no samples or held-out networks");
    const found = finding("Distance beyond the order of units", { byUnits: true });
    const share = (samples.distance.median / heldOut.distance.median).toFixed(2);
    expect(found?.value).toBe(`${share} ×`);
    expect(found?.meaning).toContain(`${share} when every coordinate is weighted by its effect`);
    expect(found?.meaning).toContain(`${(samples.raw.median / heldOut.raw.median).toFixed(2)} when all count the same`);
    expect(finding("Distance beyond the order of units", { byUnits: false })).toBeUndefined();
  });

  it("say on which side of the originals' similarities the samples' are", () => {
    const averaging = { ...run.audit.averaging, within: 0.1, between: -0.02, signature: false };
    const found = finding("Averaging signature", { averaging });
    expect(found?.value).toBe("absent");
    expect(found?.meaning).toContain("0.10 above that among originals");
    expect(found?.meaning).toContain("0.02 below it");
  });

  it("are in the units of a user's metric when there is one", () => {
    const found = auditFindings(scoredAudit);
    expect(found.find(({ label }) => label === "Acceptance threshold")?.meaning).toContain(
      "Share of samples whose accuracy & more reaches 0.900, which 95\u00a0% of 4 held-out networks reach.",
    );
    const best = found.find(({ label }) => label === "Accuracy & more above the best baseline");
    expect(best?.value).toBe("−0.010");
    expect(best?.meaning).toContain("in accuracy & more, 95\u00a0% interval −0.030 to +0.010");
  });

  it("say when most samples lie farther out than the best baseline reaches", () => {
    const [first] = run.audit.excess;
    if (first === undefined) throw new Error("there is no baseline");
    const excess = [{ ...first, beyond: 0.9, reaches: false }];
    expect(finding("Points above the best baseline", { excess })?.meaning).toContain("farther out than this baseline");
  });

  it("count the samples that are novel and good", () => {
    const samples = groupNamed(run.audit, "samples");
    if (samples === undefined) throw new Error("there are no samples");
    const groups = [{ ...samples, novel: { "2": 0.1, "1": 0.25 } }];
    const found = finding("Novel and good", { groups });
    expect(found?.value).toBe("25.0\u00a0%");
    expect(found?.meaning).toContain("τ = 1 times the originals’ own distance; 10.0\u00a0% at τ = 2");
  });
});
