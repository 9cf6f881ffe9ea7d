import { describe, expect, it } from "vitest";

import { emptyAudit, madeUpGroup } from "../audit.fixture.ts";
import type { Audit } from "../audit.ts";
import { run } from "../report.fixture.ts";
import { auditColumns, auditTable } from "./audit-table.ts";

const cell = (audit: Audit, name: string, column: (typeof auditColumns)[number]) =>
  auditTable(audit)
    .flatMap(({ rows }) => rows)
    .find((row) => row.name === name)!.cells[auditColumns.indexOf(column)];

const group = (name: string, mean: number) => ({
  ...madeUpGroup(name, "average", { count: 3, accuracy: [mean, 0], distance: [1, 0], greatest: [0.5, 0], within: 0.5 }),
  mean: { value: mean, low: mean - 0.01, high: mean + 0.01 },
});

describe("the audit's table", () => {
  it("has a row for every group, samples first, baselines by their family", () => {
    const sections = auditTable(run.audit);
    expect(sections.map(({ title }) => title)).toEqual([
      "Drawn by the generator",
      "Reference points",
      "Made from originals",
      "Baselines: noise",
      "Baselines: averages",
      "Baselines: Gaussians",
      "Baselines: draws of latents",
    ]);
    const names = sections.flatMap(({ rows }) => rows.map(({ name }) => name));
    expect(names.toSorted()).toEqual(run.audit.groups.map(({ name }) => name).toSorted());
  });

  it("leaves out sections without groups", () => {
    expect(auditTable(emptyAudit)).toEqual([]);
  });

  it("gives the mean with its interval", () => {
    expect(cell({ ...emptyAudit, groups: [group("a", 0.97)] }, "a", "test mean, % [95 %]")).toBe(
      "97.00 [96.00, 98.00]",
    );
  });

  it("does not round means that differ into a tie", () => {
    const audit = { ...emptyAudit, groups: [group("a", 0.97001), group("b", 0.97003)] };
    expect(cell(audit, "a", "test mean, % [95 %]")).toBe("97.001 [96.001, 98.001]");
    expect(cell(audit, "b", "test mean, % [95 %]")).toBe("97.003 [96.003, 98.003]");
  });

  it("shows the best by selection where it is known, and a dash elsewhere", () => {
    expect(cell(run.audit, "samples", "best by selection")).toBe("98.03");
    expect(cell(run.audit, "average:16", "best by selection")).toBe("–");
  });

  it("claims no novelty for networks without a distance", () => {
    expect(cell(run.audit, "references", "nearest original")).toBe("–");
    expect(cell(run.audit, "references", "novel, %")).toBe("–");
  });
});
