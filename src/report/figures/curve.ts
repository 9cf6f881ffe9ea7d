/** One quantity along training: every logged value, faint, and its moving average. */

import { evenly, extremes, movingAverage } from "../drawing/fewer-points.ts";
import type { Plotting } from "../drawing/plot.ts";
import { clean, shorten } from "../html.ts";
import type { Curve } from "../results.ts";
import { compact, counted, whole } from "../text/number-format.ts";
import type { Figure } from "./figure.ts";

/** Points of the raw curve and of its average: more cannot be told apart at this size. */
const MAX_RAW = 1_000;
const MAX_SMOOTH = 300;

/** Characters that fit above a panel. */
const LONGEST_TITLE = 48;

/** Space for the labels of the vertical axis. The title starts to its left, a little inside the picture. */
const MARGIN_LEFT = 52;
const TITLE_LEFT = 4 - MARGIN_LEFT;

/** The share of a curve that its moving average runs over. */
const WINDOW = 0.05;

/** The figure, or undefined where fewer than two values can be drawn. */
export function curveFigure(plot: Plotting, curve: Curve, name: string): Figure | undefined {
  const drawable = ({ step, value }: Curve["points"][number]) =>
    Number.isFinite(step) && Number.isFinite(value) && (!curve.log || value > 0);
  const points = curve.points.filter(drawable).sort((a, b) => a.step - b.step);
  if (points.length < 2) return undefined;
  const missing = curve.points.length - points.length;
  const raw = extremes(points, ({ value }) => value, MAX_RAW);
  const half = Math.round((WINDOW * points.length) / 2);
  const smooth = half === 0 ? raw : evenly(smoothed(points, half, curve.log), MAX_SMOOTH);
  const values = points.map(({ value }) => value);
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const [first, last] = [smooth[0]!, smooth.at(-1)!];
  const ticks = curve.log ? logTicks(low, high) : 5;
  const title = shorten(curve.name, LONGEST_TITLE);
  return {
    name,
    title,
    caption:
      missing === 0
        ? ""
        : `${counted(missing, "value")} of “${clean(curve.name)}” could not be drawn: not finite${curve.log ? " or not positive, on a logarithmic axis" : ""}.`,
    data: {
      columns: ["kind", "step", "value"],
      rows: [
        ...raw.map(({ step, value }) => ["logged", step, value]),
        ...(smooth === raw ? [] : smooth.map(({ step, value }) => ["moving average", step, value])),
      ],
    },
    draw: (look) => {
      const line = { x: "step", y: "value", stroke: look.theme.originals };
      return plot.draw(
        look,
        `${title}, from ${compact(first.value)} at step ${whole(first.step)} to ${compact(last.value)} at step ${whole(last.step)}.`,
        {
          height: 246,
          marginTop: 46,
          marginLeft: MARGIN_LEFT,
          marginRight: 22,
          marginBottom: 48,
          x: {
            domain: [points[0]!.step, points.at(-1)!.step],
            label: "step",
            labelOffset: 40,
            labelAnchor: "center",
            labelArrow: "none",
            ticks: 4,
            tickFormat: compact,
            tickSize: 0,
          },
          y: {
            type: curve.log ? "log" : "linear",
            domain: [low, high].map((value, i) => (low < high ? value : value + (i - 0.5) * (Math.abs(value) || 1))),
            nice: !curve.log,
            label: null,
          },
          marks: [
            plot.axisY({ ticks, tickFormat: compact, tickSize: 0 }),
            plot.gridY({ ticks, stroke: look.theme.rule, strokeOpacity: 1 }),
            plot.text([title], { frameAnchor: "top-left", dx: TITLE_LEFT, dy: -42, fontWeight: 600 }),
            plot.text([shorten(curve.unit, LONGEST_TITLE)], {
              frameAnchor: "top-left",
              dx: TITLE_LEFT,
              dy: -26,
              fillOpacity: 0.75,
            }),
            smooth === raw ? null : plot.line(raw, { ...line, strokeWidth: 1, strokeOpacity: 0.35 }),
            plot.line(smooth, { ...line, strokeWidth: 2 }),
          ],
        },
      );
    },
  };
}

/** Moving averages; of the logarithms where the axis is logarithmic, so that the line runs amid what is drawn. */
function smoothed(points: Curve["points"], half: number, log: boolean): Curve["points"] {
  const values = points.map(({ value }) => (log ? Math.log(value) : value));
  return movingAverage(values, half).map((average, i) => ({
    step: points[half + i]!.step,
    value: log ? Math.exp(average) : average,
  }));
}

/** At most about six round values between two positive ones: powers of ten, else 1, 2 and 5 times them. */
function logTicks(low: number, high: number): number[] {
  const [from, to] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const powers = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const within = (value: number) => value >= low && value <= high;
  const tens = powers.map((power) => 10 ** power).filter(within);
  if (tens.length >= 3) {
    const stride = Math.ceil(tens.length / 6);
    return tens.filter((_, i) => i % stride === 0);
  }
  const fine = powers.flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power)).filter(within);
  return fine.length >= 2 ? fine : [low, high];
}
