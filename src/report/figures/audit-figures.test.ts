import { DOMParser } from "linkedom";
import { describe, expect, it } from "vitest";
import { madeUpAudit, madeUpGroup } from "../audit.fixture.ts";
import type { Audit } from "../audit.ts";
import { type Plotting, plotting } from "../drawing/plot.ts";
import { paperTheme } from "../drawing/theme.ts";
import { run } from "../report.fixture.ts";
import type { ReportInput } from "../results.ts";
import { accuracyDistanceFigure } from "./accuracy-distance.ts";
import { accuracySimilarityFigure } from "./accuracy-similarity.ts";
import { denoisingFigure } from "./denoising.ts";
import { embeddingFigure } from "./embedding.ts";
import { ensembleFigure } from "./ensemble.ts";
import { excessFigure } from "./excess.ts";
import type { Figure } from "./figure.ts";
import { frontierFigure } from "./frontier.ts";
import { nearestDistanceFigure } from "./nearest-distance.ts";
import { similarityFigure } from "./similarity.ts";

const plot = await plotting();
const base = madeUpAudit(40);

/** A figure of the made-up audit with changes. */
const figure = (make: (plot: Plotting, input: ReportInput) => Figure | undefined, changes: Partial<Audit> = {}) =>
  make(plot, { ...run, audit: { ...base, ...changes } })!;

const svg = ({ draw }: Figure, width = 824) =>
  new DOMParser().parseFromString(draw({ width, theme: paperTheme }), "image/svg+xml").documentElement!;

const texts = (of: Figure, width?: number) =>
  [...svg(of, width).querySelectorAll("text")].map(({ textContent }) => textContent);

/** Rows of a figure's table as objects. */
const rows = ({ data }: Figure) =>
  data.rows.map((row) => Object.fromEntries(row.map((value, i) => [data.columns[i]!, value])));

const group = (name: string) => base.groups.find((each) => each.name === name)!;

/** The audit's groups and one more, far worse than all others. */
const withRuined = [
  ...base.groups,
  madeUpGroup("noise:9", "noise", { count: 5, accuracy: [0.1, 0], distance: [9, 0], greatest: [0.1, 0], within: 0.1 }),
];

describe("the bars of similarity", () => {
  it("are the paper's four, with the greatest similarities of reference points", () => {
    const { within, toOriginals, greatest } = group("samples").similarity;
    expect(rows(figure(similarityFigure)).map(({ value }) => value)).toEqual([
      group("originals").similarity.within,
      within,
      toOriginals,
      greatest,
      group("originals").similarity.greatest,
      group("held-out").similarity.greatest,
      group("references").similarity.greatest,
    ]);
  });

  it("are as long as their values", () => {
    const widths = [...svg(figure(similarityFigure)).querySelectorAll("[aria-label=bar] rect")].map((bar) =>
      Number(bar.getAttribute("width")),
    );
    expect(widths).toHaveLength(4);
    expect(widths[1]! / widths[0]!).toBeCloseTo(
      group("samples").similarity.within / group("originals").similarity.within,
      2,
    );
  });

  it("say whether there is the signature of averaging", () => {
    expect(figure(similarityFigure).caption).toContain("the signature of averaging.");
    const averaging = { ...base.averaging, signature: false };
    expect(figure(similarityFigure, { averaging }).caption).toContain("is absent");
  });
});

describe("accuracy against similarity", () => {
  it("has all networks in its table", () => {
    const shown = rows(figure(accuracySimilarityFigure)).filter(({ group }) => group === "average:4");
    const { accuracy, greatest } = group("average:4").points;
    expect(shown.map(({ accuracy }) => Number(accuracy).toFixed(6)).toSorted()).toEqual(
      accuracy.map((value) => value.toFixed(6)).toSorted(),
    );
    expect(shown.map((row) => row.greatest_similarity).toSorted()).toEqual(greatest.toSorted());
  });

  it("tells absolute noise from relative noise", () => {
    expect(texts(figure(accuracySimilarityFigure))).toEqual(
      expect.arrayContaining(["noise, relative", "noise, absolute"]),
    );
  });

  it("does not let ruined networks squeeze the others, and says so", () => {
    const { caption } = figure(accuracySimilarityFigure, { groups: withRuined });
    expect(caption).toMatch(/\d networks far from the others lie outside the frame/);
  });

  it("has one panel where there are no averages and no Gaussians", () => {
    const groups = base.groups.filter(({ family }) => !["average", "gaussian", "latent"].includes(family));
    expect(texts(figure(accuracySimilarityFigure, { groups }))).not.toContain("beside averages and Gaussians");
  });
});

describe("accuracy against distance", () => {
  it("puts copies of the originals at no distance", () => {
    const frontier = rows(figure(accuracyDistanceFigure)).filter(
      ({ kind, family }) => kind === "frontier" && family === "noise",
    );
    expect(frontier[0]).toMatchObject({ group: "originals", distance: 0 });
    expect(Number(frontier[0]!.accuracy)).toBeCloseTo(group("originals").mean.value, 9);
  });

  it("names the baselines that lie outside the frame", () => {
    expect(figure(accuracyDistanceFigure, { groups: withRuined }).caption).toContain("noise:9");
  });

  it("is left out where samples have no distance", () => {
    const groups = base.groups.map((each) =>
      each.family === "samples" ? { ...each, points: { ...each.points, distance: [] } } : each,
    );
    expect(figure(accuracyDistanceFigure, { groups })).toBeUndefined();
  });
});

describe("the excess over baselines", () => {
  it("gives the numbers beside the marks, the best baseline first, on wide and narrow screens", () => {
    const [first] = base.excess;
    expect(rows(figure(excessFigure))[0]).toMatchObject({ family: first!.family, excess: first!.excess.value });
    expect(texts(figure(excessFigure))).toContain("−0.09 [−0.17, −0.02]");
    expect(texts(figure(excessFigure), 344)).toContain("averages: −0.09 [−0.17, −0.02]");
  });

  it("says which baselines do not reach the samples", () => {
    expect(figure(excessFigure).caption).toContain("31.00\u00a0% of them for averages");
  });
});

describe("the nearest distances", () => {
  it("count every network once", () => {
    const bars = rows(figure(nearestDistanceFigure)).filter(({ group, share }) => group === "samples" && share !== "");
    expect(bars.reduce((sum, { share }) => sum + Number(share), 0)).toBeCloseTo(1, 9);
  });

  it("show the average that comes closest to the samples", () => {
    const names = new Set(rows(figure(nearestDistanceFigure)).map(({ group }) => group));
    expect(names).toContain("average:64");
    expect(names).not.toContain("average:2");
  });

  it("count near-duplicates", () => {
    const copying = (nearDuplicates: number) => ({ copying: { ...base.copying, nearDuplicates } });
    expect(figure(nearestDistanceFigure).caption).toContain("No sample counts as a near-duplicate");
    expect(figure(nearestDistanceFigure, copying(1)).caption).toContain("1 sample counts");
    expect(figure(nearestDistanceFigure, copying(7)).caption).toContain("7 samples count");
  });
});

describe("embeddings", () => {
  it("keep one unit on both axes", () => {
    const points = [
      [0, 0],
      [10, 0],
      [0, 1],
    ] as const;
    const made = embeddingFigure(
      plot,
      { ...run, audit: base },
      { method: "pca", space: "latents", groups: [{ name: "samples", points }] },
    )!;
    const dots = [...svg(made).querySelectorAll("circle")]
      .map((dot) => [Number(dot.getAttribute("cx")), Number(dot.getAttribute("cy"))] as const)
      .slice(1);
    const [origin, right, up] = dots as [[number, number], [number, number], [number, number]];
    expect((right[0] - origin[0]) / (origin[1] - up[1])).toBeCloseTo(10, 0);
  });
});

describe("the denoising", () => {
  it("counts the starts that end above the originals", () => {
    const trajectory = {
      times: [2, 1, 0],
      accuracy: [
        [0.1, 0.5, 0.99],
        [0.1, 0.4, 0.9],
      ],
    };
    expect(figure(denoisingFigure, { trajectory }).caption).toContain("1 of 2 starts end above");
  });

  it("stretches the axis only where originals make few mistakes", () => {
    expect(figure(denoisingFigure).caption).toContain("stretched");
    const groups = base.groups.map((each) => ({
      ...each,
      points: { ...each.points, accuracy: each.points.accuracy.map((value) => value - 0.3) },
    }));
    expect(figure(denoisingFigure, { groups }).caption).not.toContain("stretched");
  });
});

describe("ensembles", () => {
  it("have no panel for what was not measured", () => {
    const ensembles = base.ensembles.map(({ name, points }) => ({
      name,
      points: points.map(({ auroc, ...rest }) => rest),
    }));
    expect(texts(figure(ensembleFigure))).toContain("AUROC, other data");
    const without = figure(ensembleFigure, { ensembles, otherData: null });
    expect(texts(without)).not.toContain("AUROC, other data");
    expect(without.caption).not.toContain("tells test images");
  });

  it("are marked at sizes that are no round numbers", () => {
    expect(texts(figure(ensembleFigure))).toEqual(expect.arrayContaining(["4", "16", "64"]));
  });
});

describe("the frontier", () => {
  it("labels every snapshot with its step, and marks the losses of both kinds", () => {
    expect(texts(figure(frontierFigure))).toEqual(expect.arrayContaining(["500", "16\u202f000", "loss on held-out"]));
  });

  it("does without losses on held-out networks", () => {
    const frontier = base.frontier.map((point) => ({ ...point, loss: { ...point.loss, heldOut: null } }));
    const made = figure(frontierFigure, { frontier });
    expect(texts(made)).not.toContain("loss on held-out");
    expect(made.caption).not.toContain("by heart");
  });
});
