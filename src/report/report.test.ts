import { DOMParser, parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { emptyAudit, madeUpAudit, madeUpGroup } from "./audit.fixture.ts";
import type { Audit } from "./audit.ts";
import { run, withAccuracies } from "./report.fixture.ts";
import { renderReport } from "./report.ts";
import type { ReportInput } from "./results.ts";

const hostile = `</title></pre><script>alert(1)</script><img src=x onerror="alert(2)">&"'\u0000\u001b]]>\ud800`;

const controls = (text: string) => [...text].filter((char) => char < " " && char !== "\n");

/** Rendered once for the tests that only look at it. */
const { html: page, figures: standalone, tables } = await renderReport(run);

const parse = (html: string) => parseHTML(html).document;

/** The text of every figure, alone and inside the page. */
async function svgs(input: ReportInput): Promise<string[]> {
  const { html, figures } = await renderReport(input);
  return [...Object.values(figures), ...(html.match(/<svg[\s\S]*?<\/svg>/g) ?? [])];
}

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
  againstCount: { counts: [1], groups: [{ name: "samples", greatest: [{ low: 1, median: 1, high: 1 }] }] },
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
  it("is the same for the same input", async () => {
    expect(await renderReport(run)).toEqual({ html: page, figures: standalone, tables });
  });

  it("holds the table with headers that say what they head", () => {
    const document = parse(page);
    expect(document.querySelectorAll("table.results thead th[scope=col]")).toHaveLength(7);
    expect([...document.querySelectorAll("table.results tbody th[scope=row]")].map((th) => th.textContent)).toEqual([
      "originals",
      "ensemble (average of weights)",
      "reconstructions",
      "samples",
    ]);
  });

  it("numbers its figures and says of each what it shows", () => {
    const document = parse(page);
    const captions = [...document.querySelectorAll("figcaption strong")].map((strong) => strong.textContent);
    expect(captions).toEqual([
      "Figure 1. How alike the networks’ mistakes are.",
      "Figure 2. Accuracy against similarity.",
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

  it("gives every figure a name that is safe as a file's", async () => {
    const curve = run.curves[0]!;
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
        /https?:|\/\/[a-z]|url\(|@import|\ssrc=|\shref=/i,
      );
    }
  });

  it("draws figures that are well-formed and stand alone, with colours of their own", () => {
    for (const svg of Object.values(standalone)) {
      const document = new DOMParser().parseFromString(svg, "image/svg+xml");
      expect(document.documentElement!.getAttribute("xmlns")).toBe("http://www.w3.org/2000/svg");
      expect(document.documentElement!.outerHTML).toBe(svg);
      expect(svg.replace(/<style>[^<]*<\/style>/, "")).not.toContain("var(");
    }
  });

  it("follows light and dark inside the page", () => {
    expect(page).toContain("prefers-color-scheme:dark");
    expect(page).toContain("var(--samples)");
  });

  it("escapes every text that comes from outside", async () => {
    const { html } = await renderReport({
      ...bare,
      title: hostile,
      recipe: hostile,
      provenance: [[hostile, hostile]],
      curves: [{ ...run.curves[0]!, name: hostile, unit: hostile }],
      results: {
        ...run.results,
        autoencoder: { ...run.results.autoencoder!, type: hostile },
        seconds: { [hostile]: 1 },
      },
    });
    const document = parse(html);
    expect(document.querySelectorAll("script, img, [onerror]")).toHaveLength(0);
    expect(html).not.toMatch(/<script|<img|\p{Cs}/iu);
    expect(controls(html)).toEqual([]);
    expect(document.querySelector("h1")!.textContent).toBe(hostile.replaceAll(/\p{Cc}|\p{Cs}/gu, "\ufffd"));
  });

  it("keeps figures well-formed whatever their names hold", async () => {
    const { figures } = await renderReport({ ...bare, curves: [{ ...run.curves[0]!, name: hostile, unit: hostile }] });
    for (const svg of Object.values(figures)) {
      expect(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement!.outerHTML).toBe(svg);
      expect(controls(svg)).toEqual([]);
    }
  });

  it("stays below three megabytes for thousands of networks and long curves", async () => {
    const accuracies = Array.from({ length: 20 }, () => run.accuracies).flat();
    const points = Array.from({ length: 50_000 }, (_, step) => ({ step, value: 1 + Math.abs(Math.sin(step * step)) }));
    const curves = ["a", "b", "c", "d", "e", "f"].map((name) => ({ name, unit: "loss", log: true, points }));
    const { html } = await renderReport({ ...withAccuracies(run, accuracies), curves, audit: madeUpAudit(2000) });
    expect(Buffer.byteLength(html)).toBeLessThan(3_000_000);
    expect(html).toContain("evenly chosen by rank");
  });

  it("says how many networks lie beyond the edge of the axis", async () => {
    const failed = [0.1, 0.11, 0.12].map((test) => ({ group: "samples", test, selection: test }) as const);
    const { figures } = await renderReport(withAccuracies(bare, [...run.accuracies, ...failed]));
    expect(figures["test-accuracy"]).toContain("◂ 3 further left");
  });

  it("leaves out figures without data", async () => {
    const { html, figures } = await renderReport({ ...run, audit: emptyAudit, accuracies: [], curves: [] });
    expect(figures).toEqual({});
    expect(html).not.toContain("<svg");
    expect(html).not.toContain("<figcaption");
    expect(html).not.toMatch(/<h2>(New or not|A closer look|Cost)</);
  });

  it("leaves values that are not finite out of the curves, and says so", async () => {
    const points = [1, Number.NaN, 0.5, -1, 0.25].map((value, step) => ({ step, value }));
    const { html } = await renderReport({ ...bare, curves: [{ name: "loss", unit: "nats", log: true, points }] });
    expect(html).toContain("2 values of “loss” could not be drawn");
  });

  it("opens with the verdict, what it means and the rule that fired", () => {
    const { children } = parse(page).querySelector("main > section")!;
    expect([...children].map(({ textContent }) => textContent)).toEqual([
      "average-like",
      run.audit.verdict.meaning,
      run.audit.verdict.rule,
      expect.stringContaining("200 networks were drawn from noise."),
    ]);
  });

  it("says what the audit covers, and gives its remarks", () => {
    const text = parse(page).querySelector("main")!.textContent!;
    for (const remark of run.audit.remarks) expect(text).toContain(remark);
    expect(text).not.toContain("Not covered");
  });

  it("gives every figure a table of its numbers", () => {
    expect(Object.keys(tables)).toEqual(Object.keys(standalone));
    for (const table of Object.values(tables)) {
      expect(table).toMatch(/^[a-z_,]+\r\n/);
      expect(table.split("\r\n").length).toBeGreaterThan(2);
      expect(table).not.toMatch(/NaN|Infinity|undefined|null/);
    }
  });

  it("escapes the texts of an audit, and quotes them in its tables", async () => {
    const audit = JSON.parse(
      JSON.stringify(madeUpAudit(20), (_, value) => value ?? undefined),
      (name, value) =>
        typeof value === "string" && !["family", "method"].includes(name) ? `${hostile}${value}` : value,
    ) as Audit;
    const input = { ...run, audit: { ...audit, verdict: { ...audit.verdict, name: run.audit.verdict.name } } };
    const { html, figures, tables } = await renderReport(input);
    expect(parse(html).querySelectorAll("script, img, [onerror]")).toHaveLength(0);
    expect(html).not.toMatch(/<script|<img|\p{Cs}/iu);
    expect(controls(html)).toEqual([]);
    for (const svg of Object.values(figures)) {
      expect(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement!.outerHTML).toBe(svg);
      expect(controls(svg)).toEqual([]);
    }
    expect(tables["accuracy-similarity"]).toContain(`"${hostile.replaceAll('"', '""')}samples",samples,`);
  });

  it("reads the audit as it comes from a file, where numbers that are not finite are null", async () => {
    const audit = JSON.parse(JSON.stringify(run.audit)) as Audit;
    const group = madeUpGroup("failed", "noise", { accuracy: [0.1, 0], greatest: [0.2, 0.1], within: 0.1 });
    const failed = { ...group, points: { accuracy: [0.1, null], greatest: [null, 0.2], distance: [null, null] } };
    const input = { ...run, audit: { ...audit, groups: [...audit.groups, JSON.parse(JSON.stringify(failed))] } };
    const { html, figures } = await renderReport(input);
    expect(html).not.toMatch(/NaN|Infinity|undefined|null/);
    expect(Object.keys(figures)).toEqual(Object.keys(standalone));
  });

  it.each<[part: string, changes: Partial<Audit>, figure: string]>([
    ["baselines", { excess: [] }, "excess"],
    ["a trajectory", { trajectory: null }, "denoising"],
    ["ensembles", { ensembles: [] }, "ensembles"],
    ["a frontier", { frontier: [] }, "frontier"],
    ["distributions", { distributions: [] }, "distributions"],
    ["numbers of originals", { againstCount: { counts: [], groups: [] } }, "similarity-count"],
  ])("leaves out the figure, and nothing else, of an audit without %s", async (_, changes, figure) => {
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
      { ...run, results: { ...run.results, autoencoder: null, reconstructions: null } },
    ],
    ["networks that are all the same", { ...run, audit: identical() }],
    [
      "perfect networks",
      withAccuracies(
        bare,
        run.accuracies.map((network) => ({ ...network, selection: 1, test: 1 })),
      ),
    ],
    [
      "accuracies that are not numbers",
      withAccuracies(
        bare,
        run.accuracies.map((network) => ({ ...network, selection: Number.NaN, test: Number.NaN })),
      ),
    ],
    ["no network at all", withAccuracies(bare, [])],
    [
      "curves that do not vary",
      {
        ...bare,
        curves: [true, false].map((log) => ({
          name: "flat",
          unit: "",
          log,
          points: [1, 2, 3].map((step) => ({ step, value: 2 })),
        })),
      },
    ],
    [
      "a curve of one step",
      { ...bare, curves: [{ name: "short", unit: "", log: false, points: [{ step: 1, value: 2 }] }] },
    ],
    [
      "a curve of zeros",
      { ...bare, curves: [{ name: "zero", unit: "", log: false, points: [1, 2].map((step) => ({ step, value: 0 })) }] },
    ],
  ])("holds for %s", async (_, input) => {
    const { html } = await renderReport(input);
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
    for (const svg of await svgs(input)) expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });
});
