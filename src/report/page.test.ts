import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";

import { emptyAudit } from "./audit.fixture.ts";
import { auditWithEvidence } from "./evidence.fixture.ts";
import { page } from "./page.ts";
import { run } from "./report.fixture.ts";
import { scoredAudit, scoredRun } from "./user-metric.fixture.ts";

const FIGURES = { comparison: [], closer: [], accuracy: [], training: [] };

const documentOf = async (input = run) => parseHTML(await page(input, FIGURES)).document;

const headings = async (input = run) =>
  [...(await documentOf(input)).querySelectorAll("h2")].map((h2) => h2.textContent);

describe("the page", () => {
  it("opens with the verdict, what it means and the rule that decided", async () => {
    const children = (await documentOf()).querySelector("main > section")?.children ?? [];
    expect([...children].map(({ textContent }) => textContent)).toEqual([
      "average-like",
      run.audit.verdict.meaning,
      run.audit.verdict.rule.replace("samples' accuracy", "samples’ accuracy"),
      expect.stringContaining("200 networks were drawn from noise."),
      expect.stringContaining("Accuracy of the samples"),
    ]);
  });

  it("says what the audit covers, and gives its remarks", async () => {
    const text = (await documentOf()).querySelector("main")?.textContent ?? "";
    for (const remark of run.audit.remarks) expect(text).toContain(remark);
    expect(text).not.toContain("Not covered");
  });

  it("has a section for everything that there is to show", async () => {
    expect(await headings()).toEqual([
      "All networks",
      "Cost",
      "Details",
      "Findings",
      "What the audit covers, and what it does not",
      "The run",
    ]);
  });

  it("has the evidence right under the verdict", async () => {
    const document = await documentOf({ ...run, audit: auditWithEvidence });
    expect(document.querySelector("h2")?.textContent).toBe("Evidence");
    const section = document.querySelectorAll("main > section")[1];
    expect(section?.querySelectorAll("h3")).toHaveLength(5);
    expect(section?.querySelectorAll("table")).toHaveLength(5);
    for (const row of section?.querySelectorAll("tbody tr") ?? [])
      expect(row.children.length).toBe(row.closest("table")?.querySelectorAll("thead tr > *").length);
  });

  it("has no section when there is nothing to show in it", async () => {
    expect(await headings({ ...scoredRun, audit: emptyAudit })).toEqual([
      "Findings",
      "What the audit covers, and what it does not",
      "The run",
    ]);
  });

  it("lists the networks that a user's metric failed on", async () => {
    expect(await headings(scoredRun)).toContain("Networks that failed");
    const failures = Array.from({ length: 23 }, (_, i) => ({ group: "samples", network: i + 1, problem: "no number" }));
    const text = (await documentOf({ ...scoredRun, audit: { ...scoredAudit, failures } })).querySelector(
      "main",
    )?.textContent;
    expect(text).toContain("samples 20");
    expect(text).not.toContain("samples 21");
    expect(text).toContain("And 3 more.");
  });

  it("has four key numbers, and the figure that decides, under the verdict", async () => {
    const figure = (name: string) => ({
      name,
      title: name,
      caption: "",
      data: { columns: [], rows: [] },
      draw: () => "<svg></svg>",
    });
    const figures = { ...FIGURES, comparison: [figure("excess"), figure("score-similarity")] };
    const { document } = parseHTML(await page(run, figures));
    expect(document.querySelectorAll(".verdict .tiles > div")).toHaveLength(4);
    expect(document.querySelector(".verdict figure")?.id).toBe("figure-score-similarity");
    const captions = [...document.querySelectorAll("figcaption strong")].map(({ textContent }) => textContent);
    expect(captions).toEqual(["Figure 1. score-similarity.", "Figure 2. excess."]);
    const section = document.getElementById("new-or-not");
    expect(section?.querySelector(".note")?.textContent).toBe("Above: Figure 1.");
    for (const link of document.querySelectorAll("a"))
      expect(document.querySelector(link.getAttribute("href") ?? ""), link.textContent ?? "").not.toBeNull();
  });

  it("has the command that repeats the run, and the recipe folded", async () => {
    const document = await documentOf({ ...run, title: "A $(run) of `mine`" });
    expect(document.getElementById("command")?.textContent).toBe("npx neural-network-diffusion run a-run-of-mine.yaml");
    expect(document.querySelector("#run details:not([open]) #recipe")?.textContent).toBe(run.recipe);
    for (const button of document.querySelectorAll("button")) expect(button.hasAttribute("hidden")).toBe(true);
  });

  it("says how long the stages took", async () => {
    expect((await documentOf()).querySelector("main")?.textContent).toMatch(/collect1 min 14 s\n?.*fit42 s/s);
  });
});
