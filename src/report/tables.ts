/** The tables of the page and its list of findings, as HTML. */
import type { Audit, AuditGroup, Metric } from "../records/index.ts";
import { familyOf, freshNouns, groupNamed, groupOf, hasPredictions } from "./audit-groups.ts";
import type { Part } from "./document.ts";
import { escapeHtml, prose, slug } from "./html.ts";
import type { Classifiers, ReportInput } from "./input.ts";
import { FOLDED_ROWS, tableHtml } from "./table.ts";
import { auditFindings } from "./text/audit-findings.ts";
import { evidenceTables } from "./text/evidence-tables.ts";
import { groupsTable } from "./text/groups-table.ts";
import { counted } from "./text/nouns.ts";
import { decimals, percents, whole } from "./text/number-format.ts";
import { resultsTable } from "./text/results-table.ts";
import { accuracyDigits, direction } from "./text/score-format.ts";
import { sentences } from "./text/sentences.ts";
import { varietyFindings } from "./text/variety-findings.ts";

/** All groups of networks, in sections, with a note on the columns. */
export function groupsHtml(input: ReportInput): string {
  const { audit, images } = input;
  const { columns, sections } = groupsTable(audit, images);
  const table = tableHtml({ label: "All networks", columns, bodies: sections, first: mostTelling(audit) });
  return `${table}\n<p class="note">${groupsNote(input)}</p>`;
}

/**
 * The groups to show of a long table: samples, what they are measured by, and of the best families
 * of baselines the setting that lies where the samples do.
 */
function mostTelling(audit: Audit): Set<string> {
  const samples = groupOf(audit, "samples");
  const away = ({ distance }: AuditGroup) => Math.abs(distance.median - (samples?.distance.median ?? 0));
  const fixed = (["samples", "originals", "heldOut"] as const).map((family) => groupOf(audit, family));
  const baselines = audit.excess.map(
    ({ family }) =>
      audit.groups
        .filter((group) => group.family === family && Number.isFinite(away(group)))
        .toSorted((a, b) => away(a) - away(b))[0],
  );
  const groups = [...fixed, ...baselines, ...audit.groups].filter((group) => group !== undefined);
  return new Set([...new Set(groups.map(({ name }) => name))].slice(0, FOLDED_ROWS));
}

/** The tables of evidence, each under its heading and with how to read it. */
export function evidenceHtml({ audit, images }: ReportInput): Part[] {
  return evidenceTables(audit, images).map(({ title, reading, columns, rows }) => {
    const id = slug(title);
    const table = tableHtml({ label: title, columns, bodies: [{ rows }] });
    return {
      html: `<h3 id="${id}">${prose(title)}</h3>\n<p>${prose(reading)}</p>\n${table}`,
      entries: [{ id, title }],
    };
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
export function choiceHtml({ audit, images }: ReportInput): string {
  const { choice } = audit;
  if (choice.length === 0) return "";
  const points = (values: readonly number[]) => decimals(values.map((v) => 100 * v));
  const digits = accuracyDigits(images);
  const columns: readonly (readonly [heading: string, cells: readonly string[]])[] = [
    [
      "best by selection, %",
      percents(
        choice.map(({ bySelection }) => bySelection.value),
        digits,
      ),
    ],
    ["gain, points", points(choice.map(({ gain }) => gain.value))],
    [
      "best by test, %",
      percents(
        choice.map(({ byTest }) => byTest),
        digits,
      ),
    ],
    ["test bias, points", points(choice.map(({ optimism }) => optimism))],
    ["networks", choice.map(({ count }) => whole(count))],
  ];
  const table = tableHtml({
    label: "Choosing the best",
    columns: columns.map(([name]) => name),
    bodies: [
      {
        rows: choice.map(({ name }, i) => ({
          name,
          family: familyOf(audit, name),
          cells: columns.map(([, cells]) => cells[i] ?? ""),
        })),
      },
    ],
  });
  return `<h3>Choosing the best</h3>
${table}
<p class="note"><em>Gain</em>: expected increase of test accuracy when the best of all networks by the selection images is taken, over a random network. <em>Test bias</em>: expected increase of the reported accuracy when the best is chosen on the test images themselves, without any network being better.</p>`;
}

/**
 * The accuracies by group. Roles repeat what the elements are, because a table that is laid out as
 * blocks on narrow screens loses them.
 */
export function resultsHtml({ classification, images }: Classifiers): string {
  const { columns, rows } = resultsTable(classification, images);
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

/**
 * All findings, each with its number and what it means.
 * @param link the link to a figure by its name, HTML; empty where the page has no such figure.
 */
export function findingsHtml({ results, audit, images }: ReportInput, link: (figure: string) => string): string {
  const rows = [...auditFindings(audit, images), ...varietyFindings(results, audit)].map(
    ({ label, value, meaning, figure }) => {
      const source = figure === undefined ? "" : link(figure);
      return `<div><dt>${prose(label)}</dt><dd class="value">${prose(value)}</dd><dd class="meaning">${sentences(prose(meaning), source !== "" && `See ${source}.`)}</dd></div>`;
    },
  );
  return rows.length === 0 ? "" : `<dl class="findings">\n${rows.join("\n")}\n</dl>`;
}
