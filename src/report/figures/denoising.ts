/** Accuracy of the decoded latents along the sampler's way from noise: the paper's figure 5(b). */
import { AXIS, gridLines, isNarrow } from "../drawing/axes.ts";
import { bandLegend, bandMarks, bandRows, originalsBand } from "../drawing/originals-band.ts";
import type { Plotting } from "../drawing/plot.ts";
import { span } from "../drawing/range.ts";
import type { ReportInput } from "../results.ts";
import { compact, counted, percent } from "../text/number-format.ts";
import type { Figure } from "./figure.ts";

/** Where the originals are at least this accurate, the last points of accuracy get most of the room. */
const HIGH = 90;

/** Accuracies in percent that a stretched axis may be marked with. */
const MARKED = [0, 50, 80, 90, 95, 98, 99, 99.5, 99.8, 99.9];

/** Fewer wrong predictions than this, in percent, cannot be told apart on a stretched axis. */
const MIN_ERROR = 0.02;

/** The figure, or undefined where there is no line to draw. */
export function denoisingFigure(plot: Plotting, { audit, images }: ReportInput): Figure | undefined {
  if (audit.trajectory === null) return undefined;
  const { times, accuracy } = audit.trajectory;
  const points = accuracy.flatMap((line, start) =>
    times.map((time, i) => ({ start, time, accuracy: 100 * (line[i] ?? Number.NaN) })),
  );
  const drawn = points.filter((point) => Number.isFinite(point.time) && Number.isFinite(point.accuracy));
  if (drawn.length < 2) return undefined;
  const band = originalsBand(audit);
  const stretched = (band?.mean ?? 0) >= HIGH;
  const place = (value: number) => (stretched ? -Math.log10(Math.max(MIN_ERROR, 100 - value) / 100) : value);
  const y = span([...drawn.map((point) => place(point.accuracy)), ...(band === undefined ? [] : [place(band.high)])])!;
  const ticks = MARKED.filter((value) => place(value) >= y[0] && place(value) <= y[1]);
  const [first, last] = [Math.max(...drawn.map(({ time }) => time)), Math.min(...drawn.map(({ time }) => time))];
  const ends = drawn.filter(({ time }) => time === last).map((point) => point.accuracy);
  const above = band === undefined ? [] : ends.filter((value) => value > band.mean);
  const placed = band && { low: place(band.low), high: place(band.high), mean: place(band.mean) };
  return {
    name: "denoising",
    title: "Accuracy along the denoising",
    caption: [
      "Each line is one start from noise: the latent at every moment decoded to a network, and that network’s accuracy.",
      stretched ? "The axis is stretched towards 100 %: equal steps divide the mistakes by equal factors." : "",
      "Look for how late the networks become good, and whether they end above the originals’ mean.",
      band === undefined
        ? ""
        : `Here ${above.length} of ${counted(ends.length, "start")} end above the originals’ mean of ${percent(band.mean / 100)}.`,
    ]
      .filter((text) => text !== "")
      .join(" "),
    data: {
      columns: ["start", "time", "accuracy"],
      rows: [
        ...points.map(({ start, time, accuracy }) => [start + 1, time, accuracy / 100]),
        ...bandRows(band).map(([name, value]) => [name, "", value]),
      ],
    },
    draw: (look) => {
      const { theme } = look;
      return plot.grid(look, `Accuracy along the denoising from ${counted(accuracy.length, "start")}.`, {
        columns: 1,
        legend: [
          { label: "one start each", colour: theme.samples, mark: "line", opacity: 0.8 },
          ...bandLegend(theme, band),
        ],
        panels: [
          (inner) => ({
            height: isNarrow(look) ? 290 : 340,
            marginTop: 10,
            marginRight: 16,
            marginBottom: 50,
            marginLeft: 56,
            x: {
              ...AXIS,
              domain: first > last ? [first, last] : [first + 0.5, last - 0.5],
              ticks: 5,
              tickFormat: compact,
              label: "diffusion time, from noise to network",
              labelOffset: 42,
            },
            y: {
              ...AXIS,
              domain: y,
              label: `accuracy on ${counted(images.test, "test image")}, %`,
              ...(stretched
                ? { ticks: ticks.map(place), tickFormat: (at: number) => markAt(at, ticks, place) }
                : { ticks: 6 }),
            },
            marks: [
              ...gridLines(plot, inner, { x: 5, y: stretched ? ticks.map(place) : 6 }),
              ...bandMarks(plot, inner, placed, y),
              plot.line(drawn, {
                x: "time",
                y: (point: (typeof drawn)[number]) => place(point.accuracy),
                z: "start",
                stroke: theme.samples,
                strokeWidth: 1.5,
                strokeOpacity: 0.75,
              }),
            ],
          }),
        ],
      });
    },
  };
}

function markAt(at: number, ticks: readonly number[], place: (value: number) => number): string {
  const closest = ticks.reduce((a, b) => (Math.abs(place(b) - at) < Math.abs(place(a) - at) ? b : a));
  return compact(closest);
}
