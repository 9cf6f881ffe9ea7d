import { describe, expect, it } from "vitest";

import type { Quantiles } from "./audit.ts";
import type { MeasuredAudit, MeasuredGroup } from "./metric-audit.ts";
import { renderMeasuredReport } from "./metric-page.ts";

const quantiles = (median: number): Quantiles => ({ low: median - 0.1, median, high: median + 0.1 });

function group(name: string, family: MeasuredGroup["family"], worth: number | null, distance: number): MeasuredGroup {
  const values = [0, 1, 2, 3].map((i) => (worth === null ? null : worth + 0.01 * i));
  return {
    ...{ name, family, count: 4, failed: worth === null ? 4 : 0 },
    metric:
      worth === null
        ? null
        : {
            mean: { value: worth, low: worth - 0.02, high: worth + 0.02 },
            median: worth,
            best: worth + 0.03,
            sd: 0.01,
          },
    raw: quantiles(2 * distance),
    distance: quantiles(distance),
    points: { metric: values, distance: values.map((_, i) => distance + 0.05 * i) },
  };
}

const sound: MeasuredAudit = {
  kind: "measured",
  verdict: { name: "average-like", rule: "They are averages of <originals>.", meaning: "Nothing new." },
  metric: { name: "accuracy & more", better: "higher", how: "as was said" },
  acceptanceThreshold: { value: 0.9, shuffled: 0.1, heldOut: 4, cleared: { value: 0.5, low: 0.2, high: 0.8 } },
  groups: [
    group("originals", "originals", 0.92, 0.9),
    group("held-out", "heldOut", 0.93, 1),
    group("samples", "samples", 0.95, 0.7),
    group("shuffled", "references", 0.1, 3),
    group("average:4", "average", 0.96, 0.8),
    group("gaussian", "gaussian", 0.9, 1.1),
  ],
  excess: [],
  copying: { zu: -1.2, null: quantiles(0), p: 0.2, nearDuplicates: 1, radius: 0.5 },
  averaging: { toMean: 0.6, apart: 0.7, signature: true },
  neighbours: 0,
  failures: [{ group: "samples", network: 3, problem: "it ended with exit code 1 (<b>no</b> module)" }],
  autoencoder: { type: "linear", varianceExplained: 1, latent: 5, range: { min: -1, max: 1, sd: 0.5 } },
  seconds: { collect: 1, fit: 20 },
  remarks: ["Something to be kept in mind."],
};
const render = (audit: MeasuredAudit) =>
  renderMeasuredReport({ title: "my & ckpts", audit, curves: [], provenance: [["seed", "1"]], recipe: "name: mine" });

describe("the page of networks that are worth one number", () => {
  it("shows the verdict, every group with its interval, what failed, and what to keep in mind", async () => {
    const { html, figures, tables } = await render(sound);
    for (const text of [
      "They are averages of &#60;originals&#62;.",
      "Their accuracy &#38; more is 0.95 on average (originals: 0.92); higher is better.",
      "0.96 [0.94, 0.98]",
      "samples 3",
      "&#60;b&#62;no&#60;/b&#62; module",
      "Something to be kept in mind.",
      "name: mine",
    ])
      expect(html).toContain(text);
    expect(html).not.toMatch(/<b>no|NaN|undefined/);
    expect(Object.keys(figures)).toEqual(["metric-distance", "nearest-distance"]);
    expect(tables["metric-distance"]).toContain("mean,average:4,average,0.8,0.96");
    for (const svg of Object.values(figures)) expect(svg).toMatch(/^<svg.*<\/svg>$/s);
  });

  it("does without numbers where nothing was measured", async () => {
    const { html, figures } = await render({
      ...sound,
      ...{ metric: null, acceptanceThreshold: null, failures: [] },
      groups: sound.groups.map(({ name, family, distance }) => group(name, family, null, distance.median)),
    });
    expect(html).toContain("What they are worth was not measured.");
    expect(html).toContain("Nothing was measured, so the verdict knows parameters alone.");
    expect(html).not.toMatch(/NaN|undefined|not measured<\/th>/);
    expect(Object.keys(figures)).toEqual(["nearest-distance"]);
  });

  it("is the same bytes for the same audit", async () => {
    expect(await render(sound)).toEqual(await render(sound));
  });
});
