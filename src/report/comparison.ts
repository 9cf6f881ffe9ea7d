/** Renders a comparison of runs as a page: verdicts, what differs between recipes, one plot. */
import { documentOf, figureHtml, paragraphs, section } from "./document.ts";
import { plotting } from "./drawing/plot.ts";
import { overlayFigure, runColours } from "./figures/overlay.ts";
import { escapeHtml, prose } from "./html.ts";
import { tableHtml } from "./table.ts";
import { type ComparedRun, comparisonTable, differentMetrics } from "./text/comparison-table.ts";
import { sentences } from "./text/sentences.ts";

/** Runs that a comparison takes at most: each has a colour. */
export const MAX_COMPARED: number = runColours.length;

export interface ComparisonInput {
  /** At most `MAX_COMPARED`. */
  readonly runs: readonly ComparedRun[];
  /** For each run but the first what differs from the first one's recipe, a line each. */
  readonly differences: readonly { readonly name: string; readonly changes: readonly string[] }[];
}

/** A whole document that refers to nothing outside itself. All texts are escaped. */
export async function renderComparison({ runs, differences }: ComparisonInput): Promise<string> {
  const figure = overlayFigure(await plotting(), runs);
  const first = runs[0]?.name ?? "";
  const recipes = differences.map(({ name, changes }) => {
    const items = changes.map((change) => `<li>${escapeHtml(change)}</li>`).join("");
    return `<h3>${escapeHtml(`${name} against ${first}`)}</h3>\n${items === "" ? "<p>The same recipe.</p>" : `<ul class="changes">${items}</ul>`}`;
  });
  return documentOf(`Comparison of ${runs.map(({ name }) => name).join(", ")}`, "", [
    section("runs", "Verdicts", verdictsHtml(runs), noteOf(runs)),
    section(
      "figure",
      "Scores and distances",
      figure === undefined ? paragraphs([withoutFigure(runs)]) : figureHtml(figure, 1),
    ),
    section("recipes", "What differs between the recipes", ...recipes),
  ]);
}

/** A column for each run, as there are fewer runs than numbers. */
function verdictsHtml(runs: readonly ComparedRun[]): string {
  const { columns, rows } = comparisonTable(runs);
  return tableHtml({
    label: "Verdicts",
    columns: rows.map(({ name }) => name),
    bodies: [{ rows: columns.map((name, i) => ({ name, cells: rows.map(({ cells }) => cells[i] ?? "") })) }],
    first: new Set(columns),
    wraps: true,
  });
}

function noteOf(runs: readonly ComparedRun[]): string {
  const missing = runs.filter(({ audit }) => audit === undefined).map(({ name }) => name);
  const text =
    "Scores are means. The distance to the nearest original is the samples’ median, where 1 is the median of the run’s own held-out networks; the best baseline is the best one at the samples’ distance.";
  const audited = missing.length === 0 ? "" : `Not audited yet: ${missing.join(", ")}.`;
  return `<p class="note">${prose(sentences(text, audited))}</p>`;
}

/** Why the runs are not in one figure. */
function withoutFigure(runs: readonly ComparedRun[]): string {
  return differentMetrics(runs)
    ? "The runs are scored by different metrics, so their scores are not drawn on one axis."
    : "No run has scores and distances of its samples.";
}
