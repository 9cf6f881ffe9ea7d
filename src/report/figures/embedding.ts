/** Networks in a plane, by their latents or parameters: t-SNE, principal components or UMAP. */
import type { EmbeddingFigure } from "../audit.ts";
import { isNarrow } from "../drawing/axes.ts";
import { evenly } from "../drawing/fewer-points.ts";
import { families, familyOf } from "../drawing/group-styles.ts";
import { dotStyle } from "../drawing/legend.ts";
import type { Plotting } from "../drawing/plot.ts";
import type { ReportInput } from "../results.ts";
import { whole } from "../text/number-format.ts";
import type { Figure } from "./figure.ts";

const MAX_DOTS = 300;

const METHODS: Readonly<Record<EmbeddingFigure["method"], { readonly title: string; readonly caveat: string }>> = {
  tsne: {
    title: "t-SNE",
    caveat: "Neighbours are neighbours; the sizes of clouds and the gaps between them mean little.",
  },
  pca: {
    title: "the first two principal components",
    caveat: "Distances are those within this plane alone: what lies apart in other directions falls together.",
  },
  umap: {
    title: "UMAP",
    caveat: "Neighbours are neighbours; the sizes of clouds and the gaps between them mean little.",
  },
};

/** The figure, or undefined where no network has a place. */
export function embeddingFigure(
  plot: Plotting,
  { audit }: ReportInput,
  { method, space, groups }: EmbeddingFigure,
): Figure | undefined {
  const clouds = groups
    .map(({ name, points }) => ({
      ...{ name, family: familyOf(audit, name) },
      points: points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y)),
    }))
    .filter(({ points }) => points.length > 0);
  if (clouds.length === 0) return undefined;
  const all = clouds.flatMap(({ points }) => points);
  const { title, caveat } = METHODS[method];
  return {
    name: `embedding-${method}`,
    title: `${space === "latents" ? "Latents" : "Parameters"} by ${title}`,
    caption: [
      `Each mark is a network, placed by its ${space}; the axes have no unit.`,
      caveat,
      "Look for samples that lie among the originals, apart from them, or in one heap with averages and Gaussians.",
      clouds.some(({ points }) => points.length > MAX_DOTS)
        ? `No more than ${MAX_DOTS} networks of a group are shown.`
        : "",
    ]
      .join(" ")
      .trim(),
    data: {
      columns: ["group", "x", "y"],
      rows: clouds.flatMap(({ name, points }) => points.map(([x, y]) => [name, x, y])),
    },
    draw: (look) => {
      const { theme } = look;
      const styles = clouds.map(({ family }) => ({
        mark: families[family].symbol,
        colour: theme[family],
        hollow: family === "heldOut",
        opacity: 0.7,
      }));
      // Samples on top: they are what one looks for.
      const order = clouds
        .map((cloud, i) => ({ ...cloud, i }))
        .sort((a, b) => Number(a.family === "samples") - Number(b.family === "samples"));
      return plot.grid(look, `Networks in a plane by ${title}: ${clouds.map(({ name }) => name).join(", ")}.`, {
        columns: 1,
        legend: clouds.map(({ name, points }, i) => ({ label: `${name} (${whole(points.length)})`, ...styles[i]! })),
        panels: [
          (inner) => ({
            height: isNarrow(look) ? 300 : 400,
            margin: 8,
            ...square(all, { width: inner.width - 16, height: (isNarrow(look) ? 300 : 400) - 16 }),
            marks: [
              plot.frame({ stroke: theme.rule }),
              ...order.map(({ points, i }) =>
                plot.dot(evenly(points, MAX_DOTS), {
                  x: "0",
                  y: "1",
                  r: 2.8,
                  ...dotStyle(styles[i]!),
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
