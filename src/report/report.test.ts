import { DOMParser, parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";

import { run, withAccuracies } from "./report.fixture.ts";
import { renderReport } from "./report.ts";
import type { ReportInput } from "./results.ts";

const hostile = `</title></pre><script>alert(1)</script><img src=x onerror="alert(2)">&"'\u0000\u001b]]>\ud800`;

const controls = (text: string) => [...text].filter((char) => char < " " && char !== "\n");

/** Rendered once for the tests that only look at it. */
const { html: page, figures: standalone } = await renderReport(run);

const parse = (html: string) => parseHTML(html).document;

/** The text of every figure, alone and inside the page. */
async function svgs(input: ReportInput): Promise<string[]> {
  const { html, figures } = await renderReport(input);
  return [...Object.values(figures), ...(html.match(/<svg[\s\S]*?<\/svg>/g) ?? [])];
}

describe("the report", () => {
  it("is the same for the same input", async () => {
    expect(await renderReport(run)).toEqual({ html: page, figures: standalone });
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
      "Figure 1. Test accuracy of every network.",
      "Figure 2. Choosing a network on the selection images.",
      "Figure 3. Training curves.",
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
      ...run,
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
    const { figures } = await renderReport({ ...run, curves: [{ ...run.curves[0]!, name: hostile, unit: hostile }] });
    for (const svg of Object.values(figures)) {
      expect(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement!.outerHTML).toBe(svg);
      expect(controls(svg)).toEqual([]);
    }
  });

  it("stays below a megabyte for thousands of networks and long curves", async () => {
    const accuracies = Array.from({ length: 20 }, () => run.accuracies).flat();
    const points = Array.from({ length: 50_000 }, (_, step) => ({ step, value: 1 + Math.abs(Math.sin(step * step)) }));
    const curves = ["a", "b", "c", "d", "e", "f"].map((name) => ({ name, unit: "loss", log: true, points }));
    const { html } = await renderReport({ ...withAccuracies(run, accuracies), curves });
    expect(Buffer.byteLength(html)).toBeLessThan(1_000_000);
    expect(html).toContain("evenly chosen by rank");
  });

  it("says how many networks lie beyond the edge of the axis", async () => {
    const failed = [0.1, 0.11, 0.12].map((test) => ({ group: "samples", test, selection: test }) as const);
    const { figures } = await renderReport(withAccuracies(run, [...run.accuracies, ...failed]));
    expect(figures["test-accuracy"]).toContain("◂ 3 further left");
  });

  it("leaves out figures without data", async () => {
    const { html, figures } = await renderReport({ ...run, accuracies: [], curves: [] });
    expect(figures).toEqual({});
    expect(html).not.toContain("<svg");
    expect(html).not.toContain("Training</h2>");
  });

  it("leaves values that are not finite out of the curves, and says so", async () => {
    const points = [1, Number.NaN, 0.5, -1, 0.25].map((value, step) => ({ step, value }));
    const { html } = await renderReport({ ...run, curves: [{ name: "loss", unit: "nats", log: true, points }] });
    expect(html).toContain("2 values of “loss” could not be drawn");
  });

  it.each<[string, ReportInput]>([
    [
      "one network of each kind",
      withAccuracies(
        run,
        (["originals", "samples"] as const).map((group) => ({ group, selection: 0.9, test: 0.8 })),
      ),
    ],
    [
      "perfect networks",
      withAccuracies(
        run,
        run.accuracies.map((network) => ({ ...network, selection: 1, test: 1 })),
      ),
    ],
    [
      "accuracies that are not numbers",
      withAccuracies(
        run,
        run.accuracies.map((network) => ({ ...network, selection: Number.NaN, test: Number.NaN })),
      ),
    ],
    ["no network at all", withAccuracies(run, [])],
    [
      "curves that do not vary",
      {
        ...run,
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
      { ...run, curves: [{ name: "short", unit: "", log: false, points: [{ step: 1, value: 2 }] }] },
    ],
    [
      "a curve of zeros",
      { ...run, curves: [{ name: "zero", unit: "", log: false, points: [1, 2].map((step) => ({ step, value: 0 })) }] },
    ],
  ])("holds for %s", async (_, input) => {
    const { html } = await renderReport(input);
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
    for (const svg of await svgs(input)) expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });
});
