import { describe, expect, it } from "vitest";

import type { Audit } from "../../records/index.ts";
import { emptyAudit } from "../audit.fixture.ts";
import { madeUpGroup } from "../groups.fixture.ts";
import { run } from "../report.fixture.ts";
import { scoredAudit, scoredGroup } from "../user-metric.fixture.ts";
import { groupsTable } from "./groups-table.ts";

const cell = (audit: Audit, name: string, column: string) => {
  const { columns, sections } = groupsTable(audit);
  const row = sections.flatMap(({ rows }) => rows).find((each) => each.name === name);
  return row?.cells[columns.indexOf(column)];
};

const group = (name: string, mean: number) => {
  const made = { count: 3, accuracy: [mean, 0], distance: [1, 0], greatest: [0.5, 0], within: 0.5 } as const;
  const interval = { value: mean, low: mean - 0.01, high: mean + 0.01 };
  return { ...madeUpGroup(name, "average", made), score: { mean: interval, median: mean, best: mean, sd: 0 } };
};

describe("the table of groups", () => {
  it("has a row for every group, samples first, baselines by family", () => {
    const { sections } = groupsTable(run.audit);
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

  it("leaves out sections when they have no groups", () => {
    expect(groupsTable(emptyAudit).sections).toEqual([]);
  });

  it("gives the mean with its interval", () => {
    expect(cell({ ...emptyAudit, groups: [group("a", 0.97)] }, "a", "test mean, % [95 %]")).toBe(
      "97.00 [96.00, 98.00]",
    );
  });

  it("has more digits when means that differ would read the same", () => {
    const audit = { ...emptyAudit, groups: [group("a", 0.97001), group("b", 0.97003)] };
    expect(cell(audit, "a", "test mean, % [95 %]")).toBe("97.001 [96.001, 98.001]");
    expect(cell(audit, "b", "test mean, % [95 %]")).toBe("97.003 [96.003, 98.003]");
  });

  it("shows a dash when the best by selection is not known", () => {
    expect(cell(run.audit, "samples", "best by selection")).toBe("98.03");
    expect(cell(run.audit, "average:16", "best by selection")).toBe("–");
  });

  it("claims no novelty when networks have no distance", () => {
    expect(cell(run.audit, "references", "nearest original")).toBe("–");
    expect(cell(run.audit, "references", "novel, %")).toBe("–");
  });

  it("has the columns of predictions only when there are predictions", () => {
    expect(groupsTable(run.audit).columns).toEqual([
      "networks",
      "test mean, % [95 %]",
      "best by selection",
      "nearest original",
      "greatest similarity",
      "similarity within",
      "novel, %",
    ]);
    expect(groupsTable(scoredAudit).columns).toEqual([
      "networks",
      "accuracy & more, mean [95 %]",
      "best",
      "failed",
      "nearest original",
    ]);
  });

  it("shows scores of a user's metric as they are, and how many networks failed", () => {
    expect(cell(scoredAudit, "average:4", "accuracy & more, mean [95 %]")).toBe("0.96 [0.94, 0.98]");
    const audit = { ...scoredAudit, groups: [scoredGroup("samples", "samples", null, 1)] };
    expect(cell(audit, "samples", "accuracy & more, mean [95 %]")).toBe("–");
    expect(cell(audit, "samples", "failed")).toBe("4");
  });

  it("has no scores when no metric scored the networks", () => {
    expect(groupsTable({ ...scoredAudit, metric: null }).columns).toEqual(["networks", "nearest original"]);
  });
});
