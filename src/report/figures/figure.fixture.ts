/** Helpers for tests of figures: what a figure says, draws and has in its table. */
import { DOMParser } from "linkedom";

import type { Audit, AuditGroup } from "../../records/index.ts";
import { madeUpAudit } from "../audit.fixture.ts";
import { groupNamed } from "../audit-groups.ts";
import { type Plotting, plotting } from "../drawing/plot.ts";
import { paperTheme } from "../drawing/theme.ts";
import { madeUpGroup } from "../groups.fixture.ts";
import type { ReportInput } from "../input.ts";
import { run } from "../report.fixture.ts";
import type { Figure } from "./figure.ts";

/** The drawing library, loaded once. */
export const plot = await plotting();

/** The audit that `figureOf` shows. */
export const audit = madeUpAudit(40);

/** A figure that must be there. */
export function present(figure: Figure | undefined): Figure {
  if (figure === undefined) throw new Error("there is no figure");
  return figure;
}

type Make = (plot: Plotting, input: ReportInput) => Figure | undefined;

/** A figure of the made-up audit with changes. */
export const figureOf = (make: Make, changes: Partial<Audit> = {}): Figure =>
  present(make(plot, { ...run, audit: { ...audit, ...changes } }));

/** The drawing as a document. */
export const svg = ({ draw }: Figure, width = 824) =>
  new DOMParser().parseFromString(draw({ width, theme: paperTheme }), "image/svg+xml");

/** The texts in the drawing. */
export const texts = (figure: Figure, width?: number): (string | null)[] =>
  [...svg(figure, width).querySelectorAll("text")].map(({ textContent }) => textContent);

/** Rows of a figure's table as objects. */
export const rows = ({ data }: Figure): Record<string, string | number>[] =>
  data.rows.map((row) => Object.fromEntries(row.map((value, i) => [data.columns[i] ?? "", value])));

/** A group of the audit that must be there. */
export function group(name: string): AuditGroup {
  const found = groupNamed(audit, name);
  if (found === undefined) throw new Error(`there is no group ${name}`);
  return found;
}

/** The audit's groups and one more, far worse than all others. */
export const withRuined: readonly AuditGroup[] = [
  ...audit.groups,
  madeUpGroup("noise:9", "noise", { count: 5, accuracy: [0.1, 0], distance: [9, 0], greatest: [0.1, 0], within: 0.1 }),
];
