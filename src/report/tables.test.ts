import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";

import { emptyAudit } from "./audit.fixture.ts";
import { classifiersOf } from "./input.ts";
import { run } from "./report.fixture.ts";
import { choiceHtml, findingsHtml, groupsHtml, resultsHtml } from "./tables.ts";
import { scoredRun } from "./user-metric.fixture.ts";

const parse = (html: string) => parseHTML(`<main>${html}</main>`).document;

const texts = (html: string, selector: string) =>
  [...parse(html).querySelectorAll(selector)].map(({ textContent }) => textContent);

describe("the table of results", () => {
  const classifiers = classifiersOf(run);
  const html = classifiers === undefined ? "" : resultsHtml(classifiers);

  it("has headings that say what they head", () => {
    expect(texts(html, "thead th[scope=col]")).toHaveLength(7);
    expect(texts(html, "tbody th[scope=row]")).toEqual([
      "originals",
      "ensemble (average of weights)",
      "reconstructions",
      "samples",
    ]);
  });

  it("labels every cell, for screens on which the heading is hidden", () => {
    const cells = [...parse(html).querySelectorAll("td")];
    expect(cells).toHaveLength(24);
    for (const cell of cells) expect(cell.getAttribute("data-label")).toMatch(/\w/);
  });
});

describe("the table of all groups", () => {
  it("has as many cells in every row as headings", () => {
    const columns = texts(groupsHtml(run), "thead tr > *").length;
    for (const row of parse(groupsHtml(run)).querySelectorAll("tbody tr")) {
      const span = row.querySelector("th[colspan]")?.getAttribute("colspan");
      expect(span === undefined || span === null ? row.children.length : Number(span)).toBe(columns);
    }
  });

  it("shows samples, what they are measured by and the best baselines before it is unfolded", () => {
    const rows = parse(groupsHtml(run)).querySelectorAll("tbody tr:not(.more) th[scope=row]");
    const names = [...rows].map(({ textContent }) => textContent);
    expect(names).toHaveLength(6);
    expect(names.slice(0, 3)).toEqual(["samples", "originals", "held-out"]);
    expect(
      new Set(run.audit.groups.filter(({ name }) => names.slice(3).includes(name)).map(({ family }) => family)),
    ).toEqual(new Set(run.audit.excess.slice(0, 3).map(({ family }) => family)));
  });

  it("explains the columns that it has", () => {
    const note = (html: string) => texts(html, ".note").join();
    expect(note(groupsHtml(run))).toContain("Greatest similarity");
    expect(note(groupsHtml(run))).not.toContain("Shuffled");
    expect(note(groupsHtml(scoredRun))).not.toContain("Greatest similarity");
    expect(note(groupsHtml(scoredRun))).toContain("Shuffled");
    expect(note(groupsHtml(scoredRun))).toContain("accuracy & more with its 95\u00a0% interval; higher is better.");
  });
});

describe("the table of choosing the best", () => {
  it("has a row for each group", () => {
    expect(texts(choiceHtml(run), "tbody th")).toEqual(["originals", "held-out", "samples"]);
    expect(texts(choiceHtml(run), "tbody tr:first-child td")).toEqual(["97.68", "0.34", "97.94", "0.21", "200"]);
  });

  it("is empty when nothing is known of it", () => {
    expect(choiceHtml({ ...run, audit: emptyAudit })).toBe("");
  });
});

describe("the findings", () => {
  it("are those of the audit and those on variety", () => {
    const labels = texts(
      findingsHtml(run, () => ""),
      "dt",
    );
    expect(labels[0]).toBe("Acceptance threshold");
    expect(labels.at(-1)).toBe("Distance apart");
  });

  it("lead to the figure that shows them, where the page has it", () => {
    const link = (name: string) => (name === "excess" ? '<a href="#figure-excess">Figure 4</a>' : "");
    expect(texts(findingsHtml(run, link), "a")).toEqual(["Figure 4"]);
  });

  it("are empty when nothing is known", () => {
    const results = { ...scoredRun.results, autoencoder: null };
    expect(findingsHtml({ ...scoredRun, results, audit: emptyAudit }, () => "")).toBe("");
  });
});
