/**
 * Accuracy of the decoded latents along the sampler's way from noise: figure 5(b) of the paper.
 */
import type { Trajectory } from "../../records/index.ts";
import { AXIS, gridLines, isNarrow } from "../drawing/axes.ts";
import { type Band, bandLegend, bandMarks, bandRows, originalsBand } from "../drawing/originals-band.ts";
import type { Plotting } from "../drawing/plot.ts";
import { span } from "../drawing/range.ts";
import type { Images, ReportInput } from "../input.ts";
import { counted } from "../text/nouns.ts";
import { compact, percent } from "../text/number-format.ts";
import { accuracyDigits } from "../text/score-format.ts";
import { sentences } from "../text/sentences.ts";
import type { Figure } from "./figure.ts";

/** Accuracy of the originals, in percent, from which on the axis is stretched towards 100 %. */
const HIGH = 90;

/** Accuracies in percent that a stretched axis may be marked with. */
const MARKED = [0, 50, 80, 90, 95, 98, 99, 99.5, 99.8, 99.9];

/** Fewer wrong predictions than this, in percent, cannot be distinguished on a stretched axis. */
const MIN_ERROR = 0.02;

/** A latent on the way, decoded. Accuracies are percentages. */
interface Point {
  readonly start: number;
  readonly time: number;
  readonly accuracy: number;
}

/** Where accuracies lie on the vertical axis. */
type Place = (accuracy: number) => number;

const linear: Place = (accuracy) => accuracy;

/** Equal steps divide the mistakes by equal factors. */
const stretched: Place = (accuracy) => -Math.log10(Math.max(MIN_ERROR, 100 - accuracy) / 100);

/** The figure, or undefined where there is no line to draw. */
export function denoisingFigure(plot: Plotting, { audit, images }: ReportInput): Figure | undefined {
  if (audit.trajectory === null || images === null) return undefined;
  const points = pointsOf(audit.trajectory);
  const drawn = points.filter((point) => Number.isFinite(point.time) && Number.isFinite(point.accuracy));
  if (drawn.length < 2) return undefined;
  const starts = audit.trajectory.accuracy.length;
  const band = originalsBand(audit);
  const place = (band?.mean ?? 0) >= HIGH ? stretched : linear;
  const [first, last] = [Math.max(...drawn.map(({ time }) => time)), Math.min(...drawn.map(({ time }) => time))];
  const domain = span([
    ...drawn.map((point) => place(point.accuracy)),
    ...(band === undefined ? [] : [place(band.high)]),
  ]) ?? [0, 1];
  return {
    name: "denoising",
    title: "Accuracy along the denoising",
    caption: sentences(
      "Each line is one start from noise: the latent at every step decoded to a network, and that network’s accuracy.",
      place === stretched && "The axis is stretched towards 100 %: equal steps divide the mistakes by equal factors.",
      "Look for how late the networks become good, and whether they end above the originals’ mean.",
      band !== undefined && endsSentence(drawn, last, band, images),
    ),
    data: {
      columns: ["start", "time", "accuracy"],
      rows: [
        ...points.map(({ start, time, accuracy }) => [start + 1, time, accuracy / 100]),
        ...bandRows(audit, band).map(([name, value]) => [name, "", value]),
      ],
    },
    draw: (look) => {
      const { theme } = look;
      const y = tickOptions(place, domain);
      const scaled = band && { low: place(band.low), high: place(band.high), mean: place(band.mean) };
      return plot.grid(look, `Accuracy along the denoising from ${counted(starts, "start")}.`, {
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
            y: { ...AXIS, domain, label: `accuracy on ${counted(images.test, "test image")}, %`, ...y },
            marks: [
              ...gridLines(plot, inner, { x: 5, y: y.ticks }),
              ...bandMarks(plot, inner, scaled, domain),
              plot.line(drawn, {
                x: "time",
                y: (point: Point) => place(point.accuracy),
                z: "start",
                title: ({ start }: Point) => `start ${start + 1}`,
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

function pointsOf({ times, accuracy }: Trajectory): Point[] {
  return accuracy.flatMap((line, start) =>
    times.map((time, i) => ({ start, time, accuracy: 100 * (line[i] ?? Number.NaN) })),
  );
}

/** How many starts end above the originals' mean. */
function endsSentence(drawn: readonly Point[], last: number, { mean }: Band, images: Images): string {
  const ends = drawn.filter(({ time }) => time === last);
  const above = ends.filter(({ accuracy }) => accuracy > mean).length;
  return `Here ${above} of ${counted(ends.length, "start")} end above the originals’ mean of ${percent(mean / 100, accuracyDigits(images))}.`;
}

/** Ticks of the vertical axis; on a stretched axis, accuracies that are easy to read. */
function tickOptions(place: Place, [low, high]: readonly [number, number]) {
  if (place === linear) return { ticks: 6 };
  const marked = MARKED.filter((value) => place(value) >= low && place(value) <= high);
  const closest = (at: number) => marked.reduce((a, b) => (Math.abs(place(b) - at) < Math.abs(place(a) - at) ? b : a));
  return { ticks: marked.map(place), tickFormat: (at: number) => compact(closest(at)) };
}
