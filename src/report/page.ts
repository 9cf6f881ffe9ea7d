/** The page: one HTML file that needs nothing else, follows the reader's choice of light or dark, and prints. */
import type { Audit } from "./audit.ts";
import { documentOf, figureHtml, pairs, panelsHtml, paragraphs, section, verdictHtml } from "./document.ts";
import type { Figure } from "./figures/figure.ts";
import { escapeHtml } from "./html.ts";
import type { ReportInput } from "./results.ts";
import { auditFindings } from "./text/audit-findings.ts";
import { auditColumns, auditTable } from "./text/audit-table.ts";
import { costText } from "./text/cost.ts";
import { coverage } from "./text/coverage.ts";
import { counted, decimals, duration, percents, whole } from "./text/number-format.ts";
import { groupRows, resultsTable } from "./text/results-table.ts";
import { findings, summary } from "./text/summary.ts";

export interface PageFigures {
  /** Samples beside originals and baselines. */
  readonly comparison: readonly Figure[];
  /** Where samples lie, how they come about, and what they are worth together. */
  readonly closer: readonly Figure[];
  /** About the networks' accuracy alone. */
  readonly accuracy: readonly Figure[];
  /** Curves of the training, shown side by side. */
  readonly training: readonly Figure[];
}

/** The document. All texts of the input are escaped. */
export function page(input: ReportInput, { comparison, closer, accuracy, training }: PageFigures): string {
  const { title, results, images, audit } = input;
  const [accuracies, ...others] = summary(results, images);
  let shown = 0;
  const number = () => {
    shown++;
    return `Figure ${shown}. `;
  };
  const figures = (list: readonly Figure[]) => list.map((figure) => figureHtml(figure, number()));
  const sections = [
    verdictHtml(audit, accuracies!),
    ...(audit.groups.length === 0 ? [] : [section("All networks", auditHtml(input))]),
    ...(comparison.length === 0 ? [] : [section("New or not", ...figures(comparison))]),
    ...(closer.length === 0 ? [] : [section("A closer look", ...figures(closer))]),
    ...(audit.cost === null ? [] : [section("Cost", ...costHtml(audit.cost))]),
    section(
      "Details",
      paragraphs(others),
      resultsHtml(input),
      ...figures(accuracy),
      choiceHtml(audit),
      ...(training.length === 0 ? [] : [panelsHtml(training, number())]),
    ),
    section("Findings", findingsHtml(input)),
    section("What the audit covers, and what it does not", paragraphs(coverage(audit))),
    section("The run", ...runHtml(input)),
  ];
  return documentOf(title, sections);
}

function auditHtml({ audit, images }: ReportInput): string {
  const head = ["", ...auditColumns].map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join("");
  const sections = auditTable(audit).map(({ title, rows }) => {
    const body = rows.map(({ name, family, cells }) => {
      const data = cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("");
      return `<tr class="${escapeHtml(family)}"><th scope="row">${escapeHtml(name)}</th>${data}</tr>`;
    });
    const group = `<tr><th scope="rowgroup" colspan="${auditColumns.length + 1}"><span>${title}</span></th></tr>`;
    return `<tbody>\n${[group, ...body].join("\n")}\n</tbody>`;
  });
  return `<div class="scroll" role="region" aria-label="All networks" tabindex="0">
<table class="audit">
<thead><tr>${head}</tr></thead>
${sections.join("\n")}
</table>
</div>
<p class="note"><em>Test mean</em>: percentage of ${escapeHtml(counted(images.test, "test image"))}, with an interval of 95\u00a0% over networks and images. <em>Best by selection</em>: test accuracy of the network that is best on the selection images. <em>Nearest original</em>: median distance, where 1 is the median held-out network’s. <em>Greatest similarity</em>: mean of every network’s greatest overlap of mistakes with an original; <em>similarity within</em>: mean over pairs of the group. <em>Novel</em>: share that reaches the acceptance threshold and lies farther than the originals do from one another (τ = 1).</p>`;
}

function choiceHtml({ choice }: Audit): string {
  if (choice.length === 0) return "";
  const texts = (digits: (values: readonly number[]) => string[], value: (row: (typeof choice)[number]) => number) =>
    digits(choice.map(value));
  const points = (values: readonly number[]) =>
    decimals(values.map((v) => (Number.isFinite(v) ? 100 * v : Number.NaN)));
  const columns = [
    ["networks", choice.map(({ count }) => whole(count))],
    ["best by selection, %", texts(percents, ({ bySelection }) => bySelection.value)],
    ["gain, points", texts(points, ({ gain }) => gain.value)],
    ["best by test, %", texts(percents, ({ byTest }) => byTest)],
    ["flattered by, points", texts(points, ({ optimism }) => optimism)],
  ] as const;
  const head = columns.map(([name]) => `<th scope="col">${name}</th>`).join("");
  const body = choice.map(({ name }, i) => {
    const cells = columns.map(([, cells]) => `<td>${escapeHtml(cells[i]!)}</td>`).join("");
    return `<tr><th scope="row">${escapeHtml(name)}</th>${cells}</tr>`;
  });
  return `<h3>Choosing the best</h3>
<div class="scroll" role="region" aria-label="Choosing the best" tabindex="0">
<table class="choice">
<thead><tr><th scope="col"></th>${head}</tr></thead>
<tbody>
${body.join("\n")}
</tbody>
</table>
</div>
<p class="note"><em>Gain</em>: what choosing one of so many by the selection images is expected to add, on the test images, to a network taken at random. <em>Flattered by</em>: what choosing on the test images themselves is expected to add without any network being better.</p>`;
}

function costHtml(cost: NonNullable<Audit["cost"]>): string[] {
  const { rows, words } = costText(cost);
  return [`<p>${escapeHtml(words)}</p>`, pairs(rows, "run cost")];
}

// The roles say again what the elements are, because a table that is laid out as blocks on narrow screens loses them.
function resultsHtml({ results, images }: ReportInput): string {
  const [header, ...rows] = resultsTable(results);
  const groups = groupRows(results);
  const head = header!.map((name) => `<th scope="col" role="columnheader">${escapeHtml(name)}</th>`).join("");
  const body = rows.map((row, i) => {
    const [first, ...cells] = row.map(escapeHtml);
    const data = cells.map((cell, j) => `<td role="cell" data-label="${escapeHtml(header![j + 1]!)}">${cell}</td>`);
    return `<tr role="row" class="${groups[i]!.name}"><th scope="row" role="rowheader">${first}</th>${data.join("")}</tr>`;
  });
  return `<table class="results" role="table" aria-label="Accuracies by group of networks">
<thead role="rowgroup"><tr role="row">${head}</tr></thead>
<tbody role="rowgroup">
${body.join("\n")}
</tbody>
</table>
<p class="note">Percentages of ${escapeHtml(counted(images.test, "test image"))}; the last column of ${escapeHtml(counted(images.selection, "selection image"))}. <em>Best by selection</em> is the test accuracy of the network that is best on the selection images, as one would choose it in earnest. <em>Best by test</em> is how the paper reports: the greatest of all test accuracies, chosen on the images it is measured on, which flatters larger and more scattered groups.${results.reconstructions === null ? "" : " Reconstructions are the originals sent through the autoencoder and back."}</p>`;
}

function findingsHtml({ results, audit }: ReportInput): string {
  const rows = [...auditFindings(audit), ...findings(results)].map(
    ({ label, value, meaning }) =>
      `<div><dt>${escapeHtml(label)}</dt><dd class="value">${escapeHtml(value)}</dd><dd class="meaning">${escapeHtml(meaning)}</dd></div>`,
  );
  return `<dl class="findings">\n${rows.join("\n")}\n</dl>`;
}

function runHtml({ results, provenance, recipe }: ReportInput): string[] {
  const stages = Object.entries(results.seconds);
  const total = stages.reduce((sum, [, seconds]) => sum + seconds, 0);
  const times = stages.map(([stage, seconds]) => [stage, duration(seconds)] as const);
  return [
    ...(times.length === 0 ? [] : ["<h3>Time</h3>", pairs([...times, ["in all", duration(total)]])]),
    ...(provenance.length === 0 ? [] : ["<h3>Provenance</h3>", pairs(provenance)]),
    "<h3>Recipe</h3>",
    `<pre>${escapeHtml(recipe.trim())}</pre>`,
  ];
}
