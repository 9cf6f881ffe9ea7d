/** One quantity along a training: every logged value, faint, and its moving average. */
import { evenlyWithEnds } from "../../numeric/index.ts";
import type { Curve } from "../../records/index.ts";
import { logTicks } from "../drawing/axes.ts";
import { extremes, movingAverage } from "../drawing/fewer-points.ts";
import type { Plotting } from "../drawing/plot.ts";
import { clean, shorten } from "../html.ts";
import { counted } from "../text/nouns.ts";
import { compact, whole } from "../text/number-format.ts";
import type { Figure } from "./figure.ts";

/** Points of the raw curve and of its average: more cannot be distinguished at this size. */
const MAX_RAW = 1_000;
const MAX_SMOOTH = 300;

/** Characters that fit above a panel. */
const MAX_TITLE = 48;

/**
 * Pixels for the labels of the vertical axis. The title starts to their left, inside the picture.
 */
const MARGIN_LEFT = 52;
const TITLE_LEFT = 4 - MARGIN_LEFT;

/** The share of a curve that its moving average runs over. */
const WINDOW = 0.05;

type Points = Curve["points"];

/**
 * The figure, or undefined where fewer than two values can be drawn.
 * @param name of the figure's files.
 */
export function curveFigure(plot: Plotting, curve: Curve, name: string): Figure | undefined {
  const { log, unit } = curve;
  const points = drawable(curve);
  if (points.length < 2) return undefined;
  const raw = extremes(points, ({ value }) => value, MAX_RAW);
  const half = Math.round((WINDOW * points.length) / 2);
  const smooth = half === 0 ? raw : evenlyWithEnds(smoothed(points, half, log), MAX_SMOOTH);
  const values = points.map(({ value }) => value);
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const title = shorten(curve.name, MAX_TITLE);
  return {
    name,
    title,
    caption: missingSentence(curve, curve.points.length - points.length),
    data: {
      columns: ["kind", "step", "value"],
      rows: [
        ...raw.map(({ step, value }) => ["logged", step, value]),
        ...(smooth === raw ? [] : smooth.map(({ step, value }) => ["moving average", step, value])),
      ],
    },
    draw: (look) => {
      const line = { x: "step", y: "value", stroke: look.theme.originals };
      const ticks = log ? logTicks(low, high) : 5;
      return plot.draw(look, `${title}${endsOf(smooth)}.`, {
        height: 246,
        marginTop: 46,
        marginLeft: MARGIN_LEFT,
        marginRight: 22,
        marginBottom: 48,
        x: {
          domain: [points[0]?.step ?? 0, points.at(-1)?.step ?? 1],
          label: "step",
          labelOffset: 40,
          labelAnchor: "center",
          labelArrow: "none",
          ticks: 4,
          tickFormat: compact,
          tickSize: 0,
        },
        y: {
          type: log ? "log" : "linear",
          domain: low < high ? [low, high] : [low - 0.5 * (Math.abs(low) || 1), high + 0.5 * (Math.abs(high) || 1)],
          nice: !log,
          label: null,
        },
        marks: [
          plot.axisY({ ticks, tickFormat: compact, tickSize: 0 }),
          plot.gridY({ ticks, stroke: look.theme.rule, strokeOpacity: 1 }),
          plot.text([title], { frameAnchor: "top-left", dx: TITLE_LEFT, dy: -42, fontWeight: 600 }),
          plot.text([shorten(unit, MAX_TITLE)], {
            frameAnchor: "top-left",
            dx: TITLE_LEFT,
            dy: -26,
            fillOpacity: 0.75,
          }),
          smooth === raw ? null : plot.line(raw, { ...line, strokeWidth: 1, strokeOpacity: 0.35 }),
          plot.line(smooth, { ...line, strokeWidth: 2 }),
        ],
      });
    },
  };
}

/**
 * The points that can be drawn, by step. A logarithmic axis has no place for what is not positive.
 */
function drawable({ points, log }: Curve): Points {
  return points
    .filter(({ step, value }) => Number.isFinite(step) && Number.isFinite(value) && (!log || value > 0))
    .sort((a, b) => a.step - b.step);
}

function missingSentence({ name, log }: Curve, missing: number): string {
  if (missing === 0) return "";
  const reason = `not finite${log ? " or not positive, on a logarithmic axis" : ""}`;
  return `${counted(missing, "value")} of “${clean(name)}” could not be drawn: ${reason}.`;
}

/** From where to where a curve runs. */
function endsOf(points: Points): string {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return "";
  return `, from ${compact(first.value)} at step ${whole(first.step)} to ${compact(last.value)} at step ${whole(last.step)}`;
}

/**
 * Moving averages; of the logarithms where the axis is logarithmic, so that the line runs amid the
 * values.
 */
function smoothed(points: Points, half: number, log: boolean): Points {
  const values = points.map(({ value }) => (log ? Math.log(value) : value));
  return movingAverage(values, half).map((average, i) => ({
    step: points[half + i]?.step ?? Number.NaN,
    value: log ? Math.exp(average) : average,
  }));
}
