/**
 * How alike networks' mistakes are: the four similarities of figure 4(a) of the paper, and those
 * of reference points.
 */
import type { Audit, Family } from "../../records/index.ts";
import { groupOf } from "../audit-groups.ts";
import { AXIS, gridLines } from "../drawing/axes.ts";
import { familyStyles } from "../drawing/family-styles.ts";
import { dotOptions } from "../drawing/legend.ts";
import type { Plotting } from "../drawing/plot.ts";
import type { ReportInput } from "../input.ts";
import { decimals } from "../text/number-format.ts";
import { sentences } from "../text/sentences.ts";
import { tip } from "../text/tip.ts";
import type { Figure } from "./figure.ts";

interface Row {
  readonly name: string;
  readonly family: Family;
  readonly value: number;
  /** One of the paper's four, drawn as a bar; others are drawn as a mark. */
  readonly bar: boolean;
  /** The value in words. */
  readonly text: string;
}

/** The figure, or undefined where no similarity is known. */
export function similarityFigure(plot: Plotting, { audit }: ReportInput): Figure | undefined {
  const rows = rowsOf(audit);
  if (rows.length === 0) return undefined;
  return {
    name: "similarity-bars",
    title: "How alike the networks’ mistakes are",
    caption: sentences(
      "Of the test images that either of two networks gets wrong, the share that both get wrong (intersection over union; 1: the same mistakes).",
      "Bars are the paper’s four means: over pairs of originals, over pairs of samples, over originals with samples, and of every sample’s greatest similarity to any original. Marks are that greatest similarity for networks that were trained, not generated.",
      rows.some(({ family }) => family === "heldOut") &&
        "Compare the last bar with the mark of the held-out networks: samples that share more mistakes with some original than new networks do depend on the originals.",
      averagingSentence(audit.averaging),
    ),
    data: {
      columns: ["similarity", "family", "value"],
      rows: rows.map(({ name, family, value }) => [name, family, value]),
    },
    draw: (look) => {
      const marks = rows.filter(({ bar }) => !bar);
      return plot.draw(
        look,
        `Similarities of mistakes: ${rows.map(({ name, text }) => `${name} ${text}`).join(", ")}.`,
        {
          height: 30 * rows.length + 62,
          marginTop: 8,
          marginBottom: 48,
          marginLeft: 146,
          marginRight: 14,
          x: { ...AXIS, domain: [0, 1], ticks: 5, label: "IoU of wrong predictions", labelOffset: 42, insetRight: 34 },
          y: { domain: rows.map(({ name }) => name), label: null, tickSize: 0, padding: 0.28 },
          marks: [
            ...gridLines(plot, look, { x: 5 }),
            ...marks.map((row) =>
              plot.ruleY([row], {
                x1: 0,
                x2: "value",
                y: "name",
                stroke: look.theme[row.family],
                strokeOpacity: 0.6,
                strokeDasharray: "1 4",
              }),
            ),
            plot.barX(
              rows.filter(({ bar }) => bar),
              {
                x: "value",
                y: "name",
                title: rowTip,
                fillOpacity: 0.85,
                fill: ({ family }: Row) => look.theme[family],
              },
            ),
            ...marks.map((row) => {
              const style = { mark: familyStyles[row.family].symbol, colour: look.theme[row.family] };
              return plot.dot([row], { x: "value", y: "name", title: rowTip, r: 5, ...dotOptions(style) });
            }),
            plot.text(rows, {
              x: "value",
              y: "name",
              text: "text",
              textAnchor: "start",
              dx: 9,
              fontWeight: 600,
              stroke: look.theme.background,
              strokeWidth: 3,
              fill: look.theme.ink,
            }),
          ],
        },
      );
    },
  };
}

const rowTip = ({ name, text }: Row): string => tip(name, text);

/** The similarities that are known. */
function rowsOf(audit: Audit): Row[] {
  const of = (family: Family) => groupOf(audit, family)?.similarity ?? undefined;
  const all: (Omit<Row, "value" | "text"> & { value: number | undefined })[] = [
    { name: "among originals", family: "originals", value: of("originals")?.within, bar: true },
    { name: "among samples", family: "samples", value: of("samples")?.within, bar: true },
    { name: "originals and samples", family: "samples", value: of("samples")?.toOriginals, bar: true },
    { name: "samples, greatest", family: "samples", value: of("samples")?.greatest, bar: true },
    { name: "originals, greatest", family: "originals", value: of("originals")?.greatest, bar: false },
    { name: "held-out, greatest", family: "heldOut", value: of("heldOut")?.greatest, bar: false },
    { name: "references, greatest", family: "references", value: of("references")?.greatest, bar: false },
  ];
  const known = all.flatMap(({ value, ...row }) =>
    value !== undefined && Number.isFinite(value) ? [{ ...row, value }] : [],
  );
  const texts = decimals(known.map(({ value }) => value));
  return known.map((row, i) => ({ ...row, text: texts[i] ?? "" }));
}

function averagingSentence({ signature, within, between }: Audit["averaging"]): string {
  if (within === null || between === null || !Number.isFinite(within + between)) return "";
  return signature
    ? "Here samples are more alike than originals, and more like originals than these are like one another: the signature of averaging."
    : "Here the signature of averaging – samples more alike than originals, and more like originals than these are like one another – is absent.";
}
