/** How far every network lies from the nearest original: histograms below each other. */
import type { Audit, AuditGroup } from "../audit.ts";
import { AXIS, gridLines, isNarrow } from "../drawing/axes.ts";
import { groupOf } from "../drawing/group-styles.ts";
import type { Plotting } from "../drawing/plot.ts";
import { quantile } from "../drawing/range.ts";
import { shorten } from "../html.ts";
import { compact, counted, decimal, whole } from "../text/number-format.ts";
import type { Figure } from "./figure.ts";

const BINS = 60;
const ROW = 66;

/** The part of a row that the highest bar fills. */
const FILL = 0.68;

/** What the figure needs of an audit. */
interface Distances extends Pick<Audit, "copying" | "neighbours"> {
  readonly groups: readonly DistancesOfGroup[];
}
type DistancesOfGroup = Pick<AuditGroup, "name" | "family" | "count" | "distance"> & {
  readonly points: Pick<AuditGroup["points"], "distance">;
};

/** The figure, or undefined where the samples' distances are not known. */
export function nearestDistanceFigure(plot: Plotting, { audit }: { readonly audit: Distances }): Figure | undefined {
  const groups = chosenGroups(audit).map((group) => ({
    group,
    sorted: group.points.distance.filter(Number.isFinite).sort((a, b) => a - b),
  }));
  const rows = groups.filter(({ sorted }) => sorted.length > 0);
  if (!rows.some(({ group }) => group.family === "samples")) return undefined;
  const { radius, nearDuplicates } = audit.copying;
  // A few networks far out must not squeeze all others into the first bins.
  const middle = Math.max(1, ...rows.map(({ sorted }) => quantile(sorted, 0.5)));
  const high = Math.min(3 * middle, Math.max(1.1, radius || 0, ...rows.map(({ sorted }) => sorted.at(-1)!)) * 1.02);
  const width = high / BINS;
  const bars = rows.flatMap(({ group, sorted }, row) => {
    const counts = Array.from({ length: BINS }, () => 0);
    for (const distance of sorted) if (distance < high) counts[Math.floor(distance / width)]!++;
    const most = Math.max(...counts, 1);
    return counts.flatMap((count, bin) =>
      count === 0
        ? []
        : [{ group, row, x1: bin * width, x2: (bin + 1) * width, share: count / sorted.length, height: count / most }],
    );
  });
  const beyond = rows.reduce((sum, { sorted }) => sum + sorted.filter((distance) => distance >= high).length, 0);
  return {
    name: "nearest-distance",
    title: "Distance to the nearest original",
    caption: [
      `Histograms, each scaled to its own highest bar; 1 is the median of the held-out networks. An original’s distance is to the other originals${audit.neighbours > 0 ? `, those within ${counted(audit.neighbours, "step")} of it on the trajectory left out` : ""}. Of the averages and the Gaussians the setting is shown that comes closest to the samples.`,
      "Look for samples where the held-out networks are: further left they are nearer to originals than fresh networks are, and left of the dashed radius they may be copies.",
      Number.isFinite(radius)
        ? `${nearDuplicates === 0 ? "No sample counts" : nearDuplicates === 1 ? "1 sample counts" : `${whole(nearDuplicates)} samples count`} as a near-duplicate: within the radius of one original, and twice as far from all others.`
        : "",
      beyond > 0 ? `${counted(beyond, "network")} ${beyond === 1 ? "lies" : "lie"} further right.` : "",
    ]
      .filter((text) => text !== "")
      .join(" "),
    data: {
      columns: ["group", "family", "from", "to", "share"],
      rows: [
        ...bars.map(({ group, x1, x2, share }) => [group.name, group.family, x1, x2, share]),
        ...rows.map(({ group, sorted }) => [`${group.name} median`, group.family, quantile(sorted, 0.5), "", ""]),
        ["near-duplicate radius", "", radius, "", ""],
      ],
    },
    draw: (look) => {
      const { theme } = look;
      const ticks = isNarrow(look) ? 5 : 9;
      const titles = rows.map(({ group, sorted }, row) => ({
        row,
        fill: theme[group.family],
        text: `${shorten(group.name, 24)} (${whole(sorted.length)}) · ${sorted.length > 1 ? "median " : ""}${decimal(quantile(sorted, 0.5))}`,
      }));
      const label = titles.map(({ text }) => text).join(", ");
      return plot.draw(look, `Distances to the nearest original: ${label}.`, {
        height: ROW * rows.length + 76,
        marginTop: 24,
        marginBottom: 52,
        marginLeft: 10,
        marginRight: 14,
        x: {
          ...AXIS,
          domain: [0, high],
          ticks,
          tickFormat: compact,
          label: "distance to the nearest original (1: held-out)",
          labelOffset: 44,
        },
        y: { domain: [rows.length, 0], axis: null },
        marks: [
          ...gridLines(plot, look, { x: ticks }),
          plot.ruleX([1], { stroke: theme.heldOut, strokeDasharray: "1 3", strokeWidth: 1.5 }),
          plot.ruleY(
            rows.map((_, row) => row),
            { y: (row: number) => row + 1, stroke: theme.rule },
          ),
          plot.rect(bars, {
            ...{ x1: "x1", x2: "x2", insetLeft: 0.5, insetRight: 0.5, fillOpacity: 0.75 },
            y1: ({ row }) => row + 1,
            y2: ({ row, height }) => row + 1 - FILL * height,
            fill: ({ group }: (typeof bars)[number]) => theme[group.family],
          }),
          ...(Number.isFinite(radius) && radius < high
            ? [
                plot.ruleX([radius], { stroke: theme.ink, strokeDasharray: "5 3", strokeWidth: 1.25, insetTop: -8 }),
                plot.text(["near-duplicate radius"], {
                  ...{ x: [radius], frameAnchor: "top", dy: -15, fill: theme.ink },
                  ...(radius < high / 2 ? { textAnchor: "start", dx: 5 } : { textAnchor: "end", dx: -5 }),
                }),
              ]
            : []),
          plot.text(titles, {
            ...{ frameAnchor: "left", y: ({ row }: { row: number }) => row + 0.16, text: "text", fill: "fill" },
            ...{ fontWeight: 600, stroke: theme.background, strokeWidth: 4 },
          }),
        ],
      });
    },
  };
}

/** Reference points, samples, and of two families of baselines the setting nearest to the samples. */
function chosenGroups(audit: Distances): DistancesOfGroup[] {
  const samples = groupOf(audit, "samples");
  const median = samples?.distance.median ?? Number.NaN;
  const closest = (family: "average" | "gaussian") =>
    audit.groups
      .filter((group) => group.family === family && group.count > 1 && Number.isFinite(group.distance.median))
      .sort((a, b) => Math.abs(a.distance.median - median) - Math.abs(b.distance.median - median))[0];
  return [
    groupOf(audit, "heldOut"),
    groupOf(audit, "originals"),
    samples,
    closest("average"),
    closest("gaussian"),
  ].filter((group) => group !== undefined);
}
