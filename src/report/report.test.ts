import { DOMParser, parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";

import { type Audit, audit as auditSchema } from "../records/index.ts";
import { emptyAudit, madeUpAudit } from "./audit.fixture.ts";
import { madeUpGroup } from "./groups.fixture.ts";
import type { ReportInput } from "./input.ts";
import { script } from "./page-script.ts";
import { accuracies, run, withAccuracies } from "./report.fixture.ts";
import { renderReport } from "./report.ts";
import { scoredAudit, scoredGroup, scoredRun } from "./user-metric.fixture.ts";

const hostile = `</title></pre><script>alert(1)</script><img src=x onerror="alert(2)">&"'\u0000\u001b]]>\ud800`;

const AUTOENCODER = { type: "linear", varianceExplained: 1, latent: 5, range: { min: -1, max: 1, sd: 0.5 } };

const controls = (text: string) => [...text].filter((char) => char < " " && char !== "\n");

/** Rendered once for the tests that only look at it. */
const { html: page, figures: standalone, tables } = await renderReport(run);

const parse = (html: string) => parseHTML(html).document;

/** The text of every figure, alone and inside the page. */
async function svgs(input: ReportInput): Promise<string[]> {
  const { html, figures } = await renderReport(input);
  return [...Object.values(figures), ...(html.match(/<svg[\s\S]*?<\/svg>/g) ?? [])];
}

const [curve] = run.curves;
if (curve === undefined) throw new Error("the run has no curve");

/** The run without an audit, for tests of the rest. */
const bare: ReportInput = { ...run, audit: emptyAudit };

/** The audit with the groups of these names only. */
const alone = (names: readonly string[]): Audit => ({
  ...emptyAudit,
  groups: run.audit.groups.filter(({ name }) => names.includes(name)),
});

/** An audit whose networks do not differ at all. */
const identical = (): Audit => ({
  ...emptyAudit,
  groups: (["originals", "samples", "average"] as const).map((family) =>
    madeUpGroup(family, family, { accuracy: [1, 0], distance: [0, 0], greatest: [1, 0], within: 1 }),
  ),
  similarityByCount: { counts: [1], groups: [{ name: "samples", greatest: [{ low: 1, median: 1, high: 1 }] }] },
  ensembles: [
    {
      name: "samples",
      points: [{ size: 1, accuracy: { value: 1, low: 1, high: 1 }, nll: 0, brier: 0, ece: 0 }],
    },
  ],
  trajectory: { times: [1, 0], accuracy: [[1, 1]] },
  embeddings: [{ method: "pca", space: "latents", groups: [{ name: "samples", points: [[0, 0]] }] }],
  distributions: [{ tensor: "w", edges: [0, 0], originals: [Number.NaN], samples: [0] }],
  frontier: [1, 2].map((step) => ({
    step,
    accuracy: { low: 1, median: 1, high: 1 },
    distance: { low: 0, median: 0, high: 0 },
    loss: { originals: 0, heldOut: null },
  })),
});

describe("the report", () => {
  it("is the same bytes when the input is the same", async () => {
    expect(await renderReport(run)).toEqual({ html: page, figures: standalone, tables });
  });

  it("numbers its figures and labels each with what it shows", () => {
    const document = parse(page);
    const captions = [...document.querySelectorAll("figcaption strong")].map((strong) => strong.textContent);
    expect(captions).toEqual([
      "Figure 1. Accuracy against similarity.",
      "Figure 2. How alike the networks’ mistakes are.",
      "Figure 3. Accuracy at the same distance.",
      "Figure 4. Accuracy beyond baselines at the same distance.",
      "Figure 5. Distance to the nearest original.",
      "Figure 6. Latents by t-SNE.",
      "Figure 7. Latents by the first two principal components.",
      "Figure 8. Accuracy along the denoising.",
      "Figure 9. Similarity against the number of originals.",
      "Figure 10. Distributions of parameters.",
      "Figure 11. The generator as it trains.",
      "Figure 12. Ensembles.",
      "Figure 13. Test accuracy of every network.",
      "Figure 14. Choosing a network on the selection images.",
      "Figure 15. Training curves.",
    ]);
    for (const svg of document.querySelectorAll("svg")) {
      expect(svg.getAttribute("role")).toBe("img");
      expect(svg.getAttribute("aria-label")).toMatch(/\w/);
    }
  });

  it("gives every figure a name that is safe as a file name", async () => {
    const { figures } = await renderReport({
      ...run,
      audit: emptyAudit,
      curves: [
        { ...curve, name: "../../etc/passwd" },
        { ...curve, name: "../../etc/passwd" },
        { ...curve, name: "损失" },
      ],
    });
    expect(Object.keys(figures)).toEqual([
      "test-accuracy",
      "selection-and-test",
      "curve-1-etc-passwd",
      "curve-2-etc-passwd",
      "curve-3",
    ]);
  });

  it("refers to nothing outside itself", () => {
    for (const text of [page, ...Object.values(standalone)]) {
      expect(text.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(
        /https?:|\/\/[a-z]|url\(|@import|\ssrc=|\shref=(?!"#)/i,
      );
    }
  });

  it("draws figures that are well-formed and need no style sheet", () => {
    for (const svg of Object.values(standalone)) {
      const document = new DOMParser().parseFromString(svg, "image/svg+xml");
      expect(document.documentElement!.getAttribute("xmlns")).toBe("http://www.w3.org/2000/svg");
      expect(document.documentElement!.outerHTML).toBe(svg);
      expect(svg.replace(/<style>[^<]*<\/style>/, "")).not.toContain("var(");
    }
  });

  it("says of the marks of figures what they are, and their values", () => {
    const tips = (name: string) =>
      [...parse(standalone[name] ?? "").querySelectorAll("title")].map(({ textContent }) => textContent);
    expect(tips("score-distance")).toContainEqual(
      expect.stringMatching(/^samples \d+\n\d\d\.\d\d\u00a0%, distance \d\.\d\d$/),
    );
    expect(tips("score-distance")).toContainEqual(expect.stringMatching(/^average:4\nmean \d.* \[.*\], distance /));
    expect(tips("score-similarity")).toContainEqual(expect.stringMatching(/^held-out \d+\n.*, similarity 0\./));
    expect(tips("nearest-distance")).toContainEqual(expect.stringMatching(/^samples\n\d+ networks? from .* to /));
    expect(tips("selection-and-test")).toContainEqual(expect.stringMatching(/^originals \d+\ntest .*, selection /));
    expect(tips("test-accuracy")).toContainEqual(expect.stringMatching(/^reconstructions\n\d\d\.\d\d\u00a0%$/));
    expect(tips("frontier")).toContainEqual(expect.stringMatching(/^step .*\nmedian accuracy .*, distance /));
    for (const name of ["similarity-bars", "excess", "embedding-tsne", "denoising", "similarity-count", "ensembles"])
      expect(tips(name), name).not.toEqual([]);
  });

  it("has figures that follow light and dark inside the page", () => {
    expect(page).toContain("prefers-color-scheme:dark");
    expect(page).toContain("var(--samples)");
  });

  it("escapes every text when it contains markup", async () => {
    const { html } = await renderReport({
      ...bare,
      title: hostile,
      recipe: hostile,
      provenance: [[hostile, hostile]],
      curves: [{ ...curve, name: hostile, unit: hostile }],
      results: { ...run.results, autoencoder: { ...AUTOENCODER, type: hostile }, seconds: { [hostile]: 1 } },
    });
    const document = parse(html);
    expect(document.querySelectorAll("body > script")).toHaveLength(1);
    expect(document.querySelectorAll("script, img, [onerror]")).toHaveLength(1);
    expect(html.replace(`<script>${script}</script>`, "")).not.toMatch(/<script|<img|\p{Cs}/iu);
    expect(controls(html)).toEqual([]);
    expect(document.querySelector("h1")!.textContent).toBe(hostile.replaceAll(/\p{Cc}|\p{Cs}/gu, "\ufffd"));
  });

  it("keeps figures well-formed when their names contain markup", async () => {
    const { figures } = await renderReport({ ...bare, curves: [{ ...curve, name: hostile, unit: hostile }] });
    for (const svg of Object.values(figures)) {
      expect(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement!.outerHTML).toBe(svg);
      expect(controls(svg)).toEqual([]);
    }
  });

  it("stays below three megabytes when there are thousands of networks and long curves", async () => {
    const many = Array.from({ length: 20 }, () => accuracies).flat();
    const points = Array.from({ length: 50_000 }, (_, step) => ({ step, value: 1 + Math.abs(Math.sin(step * step)) }));
    const curves = ["a", "b", "c", "d", "e", "f"].map((name) => ({ id: name, name, unit: "loss", log: true, points }));
    const { html } = await renderReport({ ...withAccuracies(run, many), curves, audit: madeUpAudit(2000) });
    expect(Buffer.byteLength(html)).toBeLessThan(3_000_000);
    expect(html).toContain("evenly chosen by rank");
  });

  it("leaves out figures when they have no data", async () => {
    const { html, figures } = await renderReport({ ...withAccuracies(bare, []), curves: [] });
    expect(figures).toEqual({});
    expect(html).not.toContain("<svg");
    expect(html).not.toContain("<figcaption");
    expect(html).not.toMatch(/<h2>(New or not|A closer look|Cost)</);
  });

  it("has a table of numbers for every figure", () => {
    expect(Object.keys(tables)).toEqual(Object.keys(standalone));
    for (const table of Object.values(tables)) {
      expect(table).toMatch(/^[a-z_,]+\r\n/);
      expect(table.split("\r\n").length).toBeGreaterThan(2);
      expect(table).not.toMatch(/NaN|Infinity|undefined|null/);
    }
  });

  it("escapes the texts of an audit when they contain markup, and quotes them in its tables", async () => {
    const audit = JSON.parse(JSON.stringify(madeUpAudit(20)), (name, value) =>
      typeof value === "string" && !["family", "method", "unit"].includes(name) ? `${hostile}${value}` : value,
    ) as Audit;
    const input = { ...run, audit: { ...audit, verdict: { ...audit.verdict, name: run.audit.verdict.name } } };
    const { html, figures, tables } = await renderReport(input);
    expect(parse(html).querySelectorAll("script, img, [onerror]")).toHaveLength(1);
    expect(html.replace(`<script>${script}</script>`, "")).not.toMatch(/<script|<img|\p{Cs}/iu);
    expect(controls(html)).toEqual([]);
    for (const svg of Object.values(figures)) {
      expect(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement!.outerHTML).toBe(svg);
      expect(controls(svg)).toEqual([]);
    }
    expect(tables["score-similarity"]).toContain(`"${hostile.replaceAll('"', '""')}samples",samples,`);
  });

  it("shows an audit from a file when some of its numbers are not finite", async () => {
    const group = madeUpGroup("failed", "noise", { accuracy: [0.1, 0], greatest: [0.2, 0.1], within: Number.NaN });
    const points = { score: [0.1, null], greatest: [Number.NaN, 0.2], distance: [Number.NaN, Number.NaN] };
    const groups = [...run.audit.groups, { ...group, points }];
    const audit = auditSchema.parse(JSON.parse(JSON.stringify({ ...run.audit, groups })));
    const input = { ...run, audit };
    const { html, figures } = await renderReport(input);
    expect(html).not.toMatch(/NaN|Infinity|undefined|null/);
    expect(Object.keys(figures)).toEqual(Object.keys(standalone));
  });

  it.each<[part: string, changes: Partial<Audit>, figure: string]>([
    ["baselines", { excess: [] }, "excess"],
    ["trajectory", { trajectory: null }, "denoising"],
    ["ensembles", { ensembles: [] }, "ensembles"],
    ["frontier", { frontier: [] }, "frontier"],
    ["distributions", { distributions: [] }, "distributions"],
    ["numbers of originals", { similarityByCount: null }, "similarity-count"],
  ])("leaves out one figure when an audit has no %s", async (_, changes, figure) => {
    const { figures } = await renderReport({ ...run, audit: { ...run.audit, ...changes } });
    expect(Object.keys(figures)).toEqual(Object.keys(standalone).filter((name) => name !== figure));
  });

  it.each<[string, ReportInput]>([
    [
      "one network of each kind",
      withAccuracies(
        bare,
        (["originals", "samples"] as const).map((group) => ({ group, selection: 0.9, test: 0.8 })),
      ),
    ],
    ["an audit that found nothing", { ...run, audit: emptyAudit }],
    ["an audit of samples alone", { ...run, audit: alone(["samples"]) }],
    ["an audit of originals alone", { ...run, audit: alone(["originals"]) }],
    [
      "networks without an autoencoder",
      {
        ...run,
        results: {
          ...run.results,
          autoencoder: null,
          classification: run.results.classification && { ...run.results.classification, reconstructions: null },
        },
      },
    ],
    ["networks that are all the same", { ...run, audit: identical() }],
    [
      "perfect networks",
      withAccuracies(
        bare,
        accuracies.map((network) => ({ ...network, selection: 1, test: 1 })),
      ),
    ],
    [
      "accuracies that are not numbers",
      withAccuracies(
        bare,
        accuracies.map((network) => ({ ...network, selection: Number.NaN, test: Number.NaN })),
      ),
    ],
    ["no network at all", withAccuracies(bare, [])],
    [
      "curves that do not vary",
      {
        ...bare,
        curves: [true, false].map((log) => ({
          id: "flat",
          name: "flat",
          unit: "",
          log,
          points: [1, 2, 3].map((step) => ({ step, value: 2 })),
        })),
      },
    ],
    [
      "a curve of one step",
      { ...bare, curves: [{ id: "short", name: "short", unit: "", log: false, points: [{ step: 1, value: 2 }] }] },
    ],
    [
      "a curve of zeros",
      {
        ...bare,
        curves: [
          { id: "zero", name: "zero", unit: "", log: false, points: [1, 2].map((step) => ({ step, value: 0 })) },
        ],
      },
    ],
  ])("has only finite numbers when it is of %s", async (_, input) => {
    const { html } = await renderReport(input);
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
    for (const svg of await svgs(input)) expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });
});

describe("the report of a user's metric", () => {
  it("shows the verdict, every group with its interval, what failed and the remarks", async () => {
    const { html, figures, tables } = await renderReport(scoredRun);
    for (const text of [
      "They are averages of &#60;originals&#62;.",
      "Their accuracy &#38; more is 0.950 on average (originals: 0.920); higher is better.",
      '0.960 <span class="interval">[0.940, 0.980]</span>',
      "samples 3",
      "&#60;b&#62;no&#60;/b&#62; module",
      "Something to be kept in mind.",
      "name: mine",
    ])
      expect(html).toContain(text);
    expect(html).not.toMatch(/<b>no|NaN|undefined/);
    expect(Object.keys(figures)).toEqual(["score-distance", "excess", "nearest-distance"]);
    expect(tables["score-distance"]).toContain("mean,average:4,average,0.8,0.96");
    for (const svg of Object.values(figures)) expect(svg).toMatch(/^<svg.*<\/svg>$/s);
  });

  it("has no scores when no metric scored the networks", async () => {
    const groups = scoredAudit.groups.map(({ name, family, distance }) =>
      scoredGroup(name, family, null, distance.median),
    );
    const audit = { ...scoredAudit, metric: null, acceptanceThreshold: null, excess: [], failures: [], groups };
    const { html, figures } = await renderReport({ ...scoredRun, audit });
    expect(html).toContain("No metric scored them.");
    expect(html).toContain("the verdict rests on parameters alone");
    expect(html).not.toMatch(/NaN|undefined|failed<\/th>/);
    expect(Object.keys(figures)).toEqual(["nearest-distance"]);
  });

  it("has a section of training curves when there are any", async () => {
    const { html, figures } = await renderReport({ ...scoredRun, curves: [curve] });
    expect(html).toContain("<h2>Details</h2>");
    expect(Object.keys(figures)).toContain("curve-1-base-training-loss");
  });
});
