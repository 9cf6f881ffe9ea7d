/** Renders the report of a run: the page, and its figures and their numbers as separate files. */
import { yieldToEvents } from "../event-loop.ts";
import { plotting } from "./drawing/plot.ts";
import { paperTheme } from "./drawing/theme.ts";
import { curveFigure } from "./figures/curve.ts";
import { denoisingFigure } from "./figures/denoising.ts";
import { distributionFigure } from "./figures/distribution.ts";
import { embeddingFigure } from "./figures/embedding.ts";
import { ensembleFigure } from "./figures/ensemble.ts";
import { excessFigure } from "./figures/excess.ts";
import type { Figure } from "./figures/figure.ts";
import { frontierFigure } from "./figures/frontier.ts";
import { nearestDistanceFigure } from "./figures/nearest-distance.ts";
import { scoreDistanceFigure } from "./figures/score-distance.ts";
import { scoreSimilarityFigure } from "./figures/score-similarity.ts";
import { selectionFigure } from "./figures/selection.ts";
import { similarityFigure } from "./figures/similarity.ts";
import { similarityCountFigure } from "./figures/similarity-count.ts";
import { testAccuracyFigure } from "./figures/test-accuracy.ts";
import { slug } from "./html.ts";
import { classifiersOf, type ReportInput } from "./input.ts";
import { page } from "./page.ts";
import { csv } from "./text/csv.ts";

export interface Report {
  /** A whole document that refers to nothing outside itself. */
  readonly html: string;
  /** Standalone SVGs by name; a name is made of lower-case letters, digits and hyphens. */
  readonly figures: Readonly<Record<string, string>>;
  /** For every figure a CSV of the same name with every number in it. */
  readonly tables: Readonly<Record<string, string>>;
}

/** Width of a standalone figure in pixels. */
const STANDALONE = { figure: 824, curve: 480 };

/**
 * Renders the page of a run and its figures. The same input gives the same bytes. Texts may
 * contain anything. Numbers that are not finite are shown as a dash or left out of the figures,
 * and figures without data are left out.
 * @throws Interrupted when the signal aborts.
 */
export async function renderReport(input: ReportInput, signal?: AbortSignal): Promise<Report> {
  const plot = await plotting();
  const { audit, curves } = input;
  const classifiers = classifiersOf(input);
  const comparison = [
    similarityFigure(plot, input),
    scoreSimilarityFigure(plot, input),
    scoreDistanceFigure(plot, input),
    excessFigure(plot, input),
    nearestDistanceFigure(plot, input),
  ].filter(isPresent);
  const closer = [
    ...audit.embeddings.map((embedding) => embeddingFigure(plot, audit, embedding)),
    denoisingFigure(plot, input),
    similarityCountFigure(plot, input),
    distributionFigure(plot, input),
    frontierFigure(plot, input),
    ensembleFigure(plot, input),
  ].filter(isPresent);
  const accuracy =
    classifiers === undefined
      ? []
      : [testAccuracyFigure(plot, classifiers), selectionFigure(plot, classifiers)].filter(isPresent);
  const training = curves.map((curve, i) => curveFigure(plot, curve, curveName(curve.name, i))).filter(isPresent);
  const large = [...comparison, ...closer, ...accuracy];
  const drawn: Record<string, string> = {};
  const drawAlone = async (figures: readonly Figure[], width: number) => {
    for (const { name, draw } of figures) {
      await yieldToEvents(signal);
      drawn[name] = draw({ width, theme: paperTheme });
    }
  };
  const html = await page(input, { comparison, closer, accuracy, training }, signal);
  await drawAlone(large, STANDALONE.figure);
  await drawAlone(training, STANDALONE.curve);
  return {
    html,
    figures: drawn,
    tables: Object.fromEntries([...large, ...training].map(({ name, data }) => [name, csv(data)])),
  };
}

function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined;
}

/** `curve-2-zoo-loss`: safe as a file name, and unique because of the curve's place. */
function curveName(name: string, index: number): string {
  return `curve-${index + 1}-${slug(name)}`.slice(0, 60).replace(/-$/, "");
}
