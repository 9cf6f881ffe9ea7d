/** Networks in a plane, by their latents or parameters: t-SNE, principal components or UMAP. */
import { evenlyWithEnds } from "../../numeric/index.ts";
import type { Audit, Embedding, Family } from "../../records/index.ts";
import { familyOf } from "../audit-groups.ts";
import { isNarrow } from "../drawing/axes.ts";
import { familyStyles } from "../drawing/family-styles.ts";
import { type DotStyle, dotOptions } from "../drawing/legend.ts";
import type { Plotting } from "../drawing/plot.ts";
import type { Theme } from "../drawing/theme.ts";
import { whole } from "../text/number-format.ts";
import { sentences } from "../text/sentences.ts";
import { tip } from "../text/tip.ts";
import type { Figure } from "./figure.ts";

const MAX_DOTS = 300;

const NEIGHBOURS = "Neighbours are neighbours; the sizes of clouds and the gaps between them mean little.";

const METHODS: Readonly<Record<Embedding["method"], { readonly title: string; readonly caveat: string }>> = {
  tsne: { title: "t-SNE", caveat: NEIGHBOURS },
  pca: {
    title: "the first two principal components",
    caveat: "Distances are those within this plane only: networks that differ in other directions fall together.",
  },
  umap: { title: "UMAP", caveat: NEIGHBOURS },
};

interface Cloud {
  readonly name: string;
  readonly family: Family;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** The figure, or undefined where no network has a place. */
export function embeddingFigure(plot: Plotting, audit: Audit, embedding: Embedding): Figure | undefined {
  const clouds = cloudsOf(audit, embedding);
  if (clouds.length === 0) return undefined;
  const { method, space } = embedding;
  const { title, caveat } = METHODS[method];
  return {
    name: `embedding-${method}`,
    title: `${space === "latents" ? "Latents" : "Parameters"} by ${title}`,
    caption: sentences(
      `Each mark is a network, placed by its ${space}; the axes have no unit.`,
      caveat,
      "Look for samples that lie among the originals, apart from them, or in one cluster with averages and Gaussians.",
      clouds.some(({ points }) => points.length > MAX_DOTS) &&
        `No more than ${MAX_DOTS} networks of a group are shown.`,
    ),
    data: {
      columns: ["group", "x", "y"],
      rows: clouds.flatMap(({ name, points }) => points.map(([x, y]) => [name, x, y])),
    },
    draw: (look) => {
      const { theme } = look;
      // Samples on top: they are what one looks for.
      const order = clouds.toSorted((a, b) => Number(a.family === "samples") - Number(b.family === "samples"));
      const height = isNarrow(look) ? 300 : 400;
      return plot.grid(look, `Networks in a plane by ${title}: ${clouds.map(({ name }) => name).join(", ")}.`, {
        columns: 1,
        legend: clouds.map(({ name, family, points }) => ({
          label: `${name} (${whole(points.length)})`,
          ...styleOf(family, theme),
        })),
        panels: [
          (inner) => ({
            height,
            margin: 8,
            ...square(
              clouds.flatMap(({ points }) => points),
              { width: inner.width - 16, height: height - 16 },
            ),
            marks: [
              plot.frame({ stroke: theme.rule }),
              ...order.map(({ name, family, points }) =>
                plot.dot(evenlyWithEnds(points, MAX_DOTS), {
                  x: "0",
                  y: "1",
                  title: () => tip(name),
                  r: 2.8,
                  ...dotOptions(styleOf(family, theme)),
                  strokeWidth: 1.1,
                }),
              ),
            ],
          }),
        ],
      });
    },
  };
}

/** The groups of networks with a place. */
function cloudsOf(audit: Audit, { groups }: Embedding): Cloud[] {
  return groups
    .map(({ name, points }) => ({
      name,
      family: familyOf(audit, name),
      points: points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y)),
    }))
    .filter(({ points }) => points.length > 0);
}

const styleOf = (family: Family, theme: Theme): DotStyle => ({
  mark: familyStyles[family].symbol,
  colour: theme[family],
  hollow: family === "heldOut",
  opacity: 0.7,
});

/** Scales with the same unit on both axes that hold all points. */
function square(points: readonly (readonly [number, number])[], frame: { width: number; height: number }) {
  const range = (axis: 0 | 1) => {
    let [low, high] = [Infinity, -Infinity];
    for (const point of points) {
      low = Math.min(low, point[axis]);
      high = Math.max(high, point[axis]);
    }
    return [low, high] as const;
  };
  const [x, y] = [range(0), range(1)];
  const unit = 1.06 * Math.max((x[1] - x[0]) / frame.width, (y[1] - y[0]) / frame.height) || 1 / frame.width;
  const domain = ([low, high]: readonly [number, number], size: number) => {
    const [middle, half] = [(low + high) / 2, (unit * size) / 2];
    return { domain: [middle - half, middle + half], axis: null };
  };
  return { x: domain(x, frame.width), y: domain(y, frame.height) };
}
