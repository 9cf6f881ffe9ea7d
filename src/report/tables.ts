/** The tables of the page and its list of findings, as HTML. */
import type { Audit, Metric } from "../records/index.ts";
import { freshNouns, groupNamed, hasPredictions } from "./audit-groups.ts";
import { scrolling } from "./document.ts";
import { escapeHtml } from "./html.ts";
import type { Classifiers, ReportInput } from "./input.ts";
import { auditFindings } from "./text/audit-findings.ts";
import { evidenceTables } from "./text/evidence-tables.ts";
import { groupsTable } from "./text/groups-table.ts";
import { counted } from "./text/nouns.ts";
import { decimals, percents, whole } from "./text/number-format.ts";
import { resultsTable } from "./text/results-table.ts";
import { direction } from "./text/score-format.ts";
import { sentences } from "./text/sentences.ts";
import { varietyFindings } from "./text/variety-findings.ts";

/** All groups of networks, in sections, with a note on the columns. */
export function groupsHtml(input: ReportInput): string {
  const { columns, sections } = groupsTable(input.audit);
  const head = ["", ...columns].map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join("");
  const bodies = sections.map(({ title, rows }) => {
    const body = rows.map(({ name, family, cells }) => {
      const data = cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("");
      return `<tr class="${escapeHtml(family)}"><th scope="row">${escapeHtml(name)}</th>${data}</tr>`;
    });
    const group = `<tr><th scope="rowgroup" colspan="${columns.length + 1}"><span>${title}</span></th></tr>`;
    return `<tbody>\n${[group, ...body].join("\n")}\n</tbody>`;
  });
  const table = `<table class="audit">\n<thead><tr>${head}</tr></thead>\n${bodies.join("\n")}\n</table>`;
  return `${scrolling("All networks", table)}\n<p class="note">${groupsNote(input)}</p>`;
}

/** The tables of evidence, each under its heading and with how to read it. */
export function evidenceHtml(audit: Audit): string[] {
  return evidenceTables(audit).map(({ title, reading, columns, rows }) => {
    const head = ["", ...columns].map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join("");
    const body = rows.map(({ name, family, cells }) => {
      const data = cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("");
      return `<tr class="${escapeHtml(family)}"><th scope="row">${escapeHtml(name)}</th>${data}</tr>`;
    });
    const table = `<table class="audit">\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body.join("\n")}\n</tbody>\n</table>`;
    return `<h3>${escapeHtml(title)}</h3>\n<p>${escapeHtml(reading)}</p>\n${scrolling(title, table)}`;
  });
}

/** What the columns mean, HTML. */
function groupsNote({ audit, images }: ReportInput): string {
  const predictions = hasPredictions(audit);
  const distance = audit.byUnits ? "over all orders of hidden units" : "with every tensor in units of its spread";
  return sentences(
    audit.metric !== null && scoreNote(audit.metric),
    predictions && images !== null && `Accuracies are on ${escapeHtml(counted(images.test, "test image"))}.`,
    predictions && "<em>Best by selection</em>: test accuracy of the network that is best on the selection images.",
    `<em>Nearest original</em>: median distance, ${distance}, where 1 is the median ${freshNouns(audit).noun}’s.`,
    predictions &&
      "<em>Greatest similarity</em>: mean of every network’s greatest overlap of mistakes with an original; <em>similarity within</em>: mean over pairs of the group.",
    audit.groups.some(({ novel }) => "1" in novel) &&
      "<em>Novel</em>: share that reaches the acceptance threshold and lies farther than the originals do from one another (τ = 1).",
    groupNamed(audit, "shuffled") !== undefined &&
      "<em>Shuffled</em>: originals whose generated parameters are shuffled within each tensor, the level of chance.",
  );
}

function scoreNote(metric: Metric): string {
  return `<em>Mean</em>: ${escapeHtml(metric.name)} with its 95\u00a0% interval; ${direction(metric)}.`;
}

/** What choosing the best network gains, with a note; empty where that is not known. */
export function choiceHtml({ choice }: Audit): string {
  if (choice.length === 0) return "";
  const points = (values: readonly number[]) => decimals(values.map((v) => 100 * v));
  const columns: readonly (readonly [heading: string, cells: readonly string[]])[] = [
    ["networks", choice.map(({ count }) => whole(count))],
    ["best by selection, %", percents(choice.map(({ bySelection }) => bySelection.value))],
    ["gain, points", points(choice.map(({ gain }) => gain.value))],
    ["best by test, %", percents(choice.map(({ byTest }) => byTest))],
    ["test bias, points", points(choice.map(({ optimism }) => optimism))],
  ];
  const head = columns.map(([name]) => `<th scope="col">${name}</th>`).join("");
  const body = choice.map(({ name }, i) => {
    const cells = columns.map(([, cells]) => `<td>${escapeHtml(cells[i] ?? "")}</td>`).join("");
    return `<tr><th scope="row">${escapeHtml(name)}</th>${cells}</tr>`;
  });
  const table = `<table class="choice">
<thead><tr><th scope="col"></th>${head}</tr></thead>
<tbody>
${body.join("\n")}
</tbody>
</table>`;
  return `<h3>Choosing the best</h3>
${scrolling("Choosing the best", table)}
<p class="note"><em>Gain</em>: expected increase of test accuracy when the best of all networks by the selection images is taken, over a random network. <em>Test bias</em>: expected increase of the reported accuracy when the best is chosen on the test images themselves, without any network being better.</p>`;
}

/**
 * The accuracies by group. Roles repeat what the elements are, because a table that is laid out as
 * blocks on narrow screens loses them.
 */
export function resultsHtml({ classification, images }: Classifiers): string {
  const { columns, rows } = resultsTable(classification);
  const head = columns.map((name) => `<th scope="col" role="columnheader">${escapeHtml(name)}</th>`).join("");
  const body = rows.map(({ name, cells: [title = "", ...cells] }) => {
    const data = cells.map((cell, i) => {
      const label = escapeHtml(columns[i + 1] ?? "");
      return `<td role="cell" data-label="${label}">${escapeHtml(cell)}</td>`;
    });
    return `<tr role="row" class="${name}"><th scope="row" role="rowheader">${escapeHtml(title)}</th>${data.join("")}</tr>`;
  });
  return `<table class="results" role="table" aria-label="Accuracies by group of networks">
<thead role="rowgroup"><tr role="row">${head}</tr></thead>
<tbody role="rowgroup">
${body.join("\n")}
</tbody>
</table>
<p class="note">${sentences(
    `Percentages of ${escapeHtml(counted(images.test, "test image"))}; the last column of ${escapeHtml(counted(images.selection, "selection image"))}.`,
    "<em>Best by selection</em> is the test accuracy of the network that is best on the selection images, as one would choose it in practice. <em>Best by test</em> is how the paper reports: the greatest of all test accuracies, chosen on the images it is measured on, which favours larger and more scattered groups.",
    classification.reconstructions !== null &&
      "Reconstructions are the originals sent through the autoencoder and back.",
  )}</p>`;
}

/** All findings, each with its number and what it means. */
export function findingsHtml({ results, audit }: ReportInput): string {
  const rows = [...auditFindings(audit), ...varietyFindings(results, audit)].map(
    ({ label, value, meaning }) =>
      `<div><dt>${escapeHtml(label)}</dt><dd class="value">${escapeHtml(value)}</dd><dd class="meaning">${escapeHtml(meaning)}</dd></div>`,
  );
  return rows.length === 0 ? "" : `<dl class="findings">\n${rows.join("\n")}\n</dl>`;
}
