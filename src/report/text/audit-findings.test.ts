import { describe, expect, it } from "vitest";

import { emptyAudit } from "../audit.fixture.ts";
import type { Audit, AuditGroup } from "../audit.ts";
import { run } from "../report.fixture.ts";
import { auditFindings } from "./audit-findings.ts";

const finding = (label: string, changes: Partial<Audit> = {}) =>
  auditFindings({ ...run.audit, ...changes }).find((each) => each.label === label);

const excess = (low: number, value: number, high: number): Pick<Audit, "excess"> => ({
  excess: [
    {
      ...{ family: "average", through: [], beyond: 0 },
      excess: { low, value, high },
      exact: { low: low + 0.01, value: value + 0.01, high: high + 0.01 },
    },
  ],
});

describe("the audit's findings", () => {
  it("are none where nothing is known", () => {
    expect(auditFindings(emptyAudit)).toEqual([]);
  });

  it.each([
    [excess(0.001, 0.002, 0.003), "+0.20", "Nothing simpler is as good"],
    [excess(-0.003, -0.002, -0.001), "−0.20", "The baseline is better"],
    [excess(-0.001, 0.002, 0.005), "+0.20", "not reliably better"],
  ])("say on which side of the best baseline the samples are (%#)", (changes, value, meaning) => {
    const found = finding("Points above the best baseline", changes)!;
    expect(found.value).toBe(value);
    expect(found.meaning).toContain(meaning);
  });

  it("tell the excess at exactly the samples' distance, too", () => {
    expect(finding("Points above the best baseline", excess(0.001, 0.002, 0.003))!.meaning).toContain(
      "at exactly the samples’ distance it is +1.20 (+1.10 to +1.30)",
    );
  });

  it("do not round a small excess to nothing", () => {
    expect(finding("Points above the best baseline", excess(0, 0.00001, 0.00002))!.value).toBe("+0.001");
  });

  it.each([
    [-9.7, 0.001, "the samples lie nearer"],
    [-1, 0.2, "within what chance gives"],
    [4, 1, "do not lie nearer"],
  ])("read the copying statistic %d with its probability %d", (zu, p, meaning) => {
    expect(finding("Copying statistic", { copying: { ...run.audit.copying, zu, p } })!.meaning).toContain(meaning);
  });

  it("tell how far samples lie beyond the order of their units, where that is known", () => {
    const [samples, heldOut] = ["samples", "held-out"].map(
      (name) => run.audit.groups.find((group) => group.name === name)!,
    ) as [AuditGroup, AuditGroup];
    const { value, meaning } = finding("Distance beyond the order of units", { byUnits: true })!;
    const share = (samples.distance.median / heldOut.distance.median).toFixed(2);
    expect(value).toBe(`${share} ×`);
    expect(meaning).toContain(`${share} where every coordinate counts by what it does`);
    expect(meaning).toContain(`${(samples.raw.median / heldOut.raw.median).toFixed(2)} where all count the same`);
    for (const byUnits of [false, undefined as unknown as boolean])
      expect(finding("Distance beyond the order of units", { byUnits })).toBeUndefined();
  });

  it("tell similarities below those of originals from those above", () => {
    const averaging = { within: 0.1, between: -0.02, toMean: 1, signature: false };
    const { value, meaning } = finding("Averaging signature", { averaging })!;
    expect(value).toBe("absent");
    expect(meaning).toContain("0.10 above that among originals");
    expect(meaning).toContain("0.02 below it");
  });
});
