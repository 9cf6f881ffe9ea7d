/** Samples' accuracy beyond that of every family of baselines at the samples' own distances: a forest plot. */
import type { Excess } from "../audit.ts";
import { AXIS, gridLines, isNarrow } from "../drawing/axes.ts";
import { families } from "../drawing/group-styles.ts";
import { dotStyle } from "../drawing/legend.ts";
import type { Plotting } from "../drawing/plot.ts";
import { span } from "../drawing/range.ts";
import type { ReportInput } from "../results.ts";
import { decimals, percent } from "../text/number-format.ts";
import type { Figure } from "./figure.ts";

/** The figure, or undefined where there is no baseline to compare with. */
export function excessFigure(plot: Plotting, { audit }: ReportInput): Figure | undefined {
  const rows = audit.excess.filter(({ excess }) => Number.isFinite(excess.value));
  if (rows.length === 0) return undefined;
  const points = ({ excess }: Excess) =>
    [excess.value, excess.low, excess.high].map((value) => 100 * (value ?? Number.NaN));
  const shown = decimals(rows.flatMap(points));
  const lines = rows.map((row, i) => {
    const [value, low, high] = points(row) as [number, number, number];
    const [text, from, to] = shown.slice(3 * i, 3 * i + 3);
    return { ...row, value, low, high, title: families[row.family].title, text: `${text} [${from}, ${to}]` };
  });
  const x = span([0, ...lines.flatMap(({ value, low, high }) => [value, low, high])], 0.08)!;
  const far = rows.filter(({ beyond }) => beyond > 0);
  return {
    name: "excess",
    title: "Accuracy beyond baselines at the same distance",
    caption: [
      "For every family of baselines: how many points of accuracy the samples are above what the family reaches at their own distances from the originals or farther, with an interval of 95\u00a0% over networks and test images. The best baseline that reaches the samples’ distance is on top.",
      "Look for intervals wholly to the right of zero, the topmost above all: only there the generator makes something that the baseline does not.",
      far.length > 0
        ? `Samples farther out than a family reaches are compared with its farthest networks: ${far.map(({ family, beyond }) => `${percent(beyond)} of them for ${families[family].title}`).join(", ")}.`
        : "",
    ]
      .join(" ")
      .trim(),
    data: {
      columns: ["family", "through", "excess", "low", "high", "exact", "exact_low", "exact_high", "beyond"],
      rows: rows.map(({ family, through, excess, exact, beyond }) => [
        family,
        through.join(" "),
        excess.value,
        excess.low,
        excess.high,
        ...[exact?.value ?? "", exact?.low ?? "", exact?.high ?? ""],
        beyond,
      ]),
    },
    draw: (look) => {
      const narrow = isNarrow(look);
      const label = lines.map(({ title, text }) => `${title} ${text}`).join(", ");
      const channels = { y: "title" } as const;
      return plot.draw(look, `Excess accuracy over baselines at the same distance, points: ${label}.`, {
        height: (narrow ? 52 : 40) * rows.length + 66,
        marginTop: 16,
        marginBottom: 50,
        marginLeft: narrow ? 12 : 150,
        marginRight: narrow ? 12 : 160,
        x: { ...AXIS, domain: x, ticks: narrow ? 4 : 6, label: "excess accuracy, points", labelOffset: 42 },
        y: {
          domain: lines.map(({ title }) => title),
          label: null,
          tickSize: 0,
          axis: narrow ? null : "left",
          padding: 0.2,
        },
        marks: [
          ...gridLines(plot, look, { x: narrow ? 4 : 6 }),
          plot.ruleX([0], { stroke: look.theme.ink, strokeWidth: 1.25 }),
          ...lines.flatMap((line) => {
            const colour = look.theme[line.family];
            return [
              plot.ruleY([line], { ...channels, x1: "low", x2: "high", stroke: colour, strokeWidth: 2.5 }),
              plot.dot([line], {
                ...{ ...channels, x: "value", r: 5.5 },
                ...dotStyle({ mark: families[line.family].symbol, colour }),
              }),
            ];
          }),
          ...(narrow
            ? [
                plot.text(lines, {
                  ...{ ...channels, text: ({ title, text }: { title: string; text: string }) => `${title}: ${text}` },
                  ...{
                    frameAnchor: "left",
                    dy: -17,
                    fill: look.theme.ink,
                    stroke: look.theme.background,
                    strokeWidth: 4,
                  },
                }),
              ]
            : [plot.text(lines, { ...channels, text: "text", frameAnchor: "right", dx: 152, textAnchor: "end" })]),
        ],
      });
    },
  };
}
