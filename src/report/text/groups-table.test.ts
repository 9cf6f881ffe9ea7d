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

  it("has as many digits of accuracies as the images allow, and one of shares", () => {
    const audit = { ...emptyAudit, groups: [group("a", 0.97001), group("b", 0.97003)] };
    const cells = (images: number) =>
      groupsTable(audit, { test: images, selection: 1 }).sections[0]?.rows.map(({ cells }) => cells[0]);
    expect(cells(10_000)).toEqual(["97.00 [96.00, 98.00]", "97.00 [96.00, 98.00]"]);
    expect(cells(1_000)).toEqual(["97.0 [96.0, 98.0]", "97.0 [96.0, 98.0]"]);
    expect(cell(run.audit, "samples", "novel, %")).toMatch(/^\d+\.\d$/);
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
      "test mean, % [95 %]",
      "best by selection",
      "nearest original",
      "greatest similarity",
      "similarity within",
      "novel, %",
      "networks",
    ]);
    expect(groupsTable(scoredAudit).columns).toEqual([
      "accuracy & more, mean [95 %]",
      "best",
      "failed",
      "nearest original",
      "networks",
    ]);
  });

  it("shows scores of a user's metric as they are, and how many networks failed", () => {
    expect(cell(scoredAudit, "average:4", "accuracy & more, mean [95 %]")).toBe("0.960 [0.940, 0.980]");
    const audit = { ...scoredAudit, groups: [scoredGroup("samples", "samples", null, 1)] };
    expect(cell(audit, "samples", "accuracy & more, mean [95 %]")).toBe("–");
    expect(cell(audit, "samples", "failed")).toBe("4");
  });

  it("has no scores when no metric scored the networks", () => {
    expect(groupsTable({ ...scoredAudit, metric: null }).columns).toEqual(["nearest original", "networks"]);
  });
});
