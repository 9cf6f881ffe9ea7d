/** The page: one HTML file that needs nothing else, follows the reader's choice of light or dark, and prints. */
import type { Figure } from "./figure.ts";
import { escapeHtml } from "./html.ts";
import { counted, duration } from "./numbers.ts";
import type { GroupName, ReportInput } from "./results.ts";
import { style } from "./style.ts";
import { findings, summary } from "./summary.ts";
import { resultsTable, rowNames } from "./table.ts";
import { pageTheme } from "./theme.ts";

/** Widths of a figure in pixels: beside wide margins, on a telephone, and as one of several side by side. */
const WIDTHS = { wide: 824, narrow: 344, panel: 400 };

/** Nothing may be loaded or run, whatever the texts of a run hold. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

export interface PageFigures {
  /** About the networks' accuracy, in the order of the page. */
  readonly accuracy: readonly Figure[];
  /** Curves of the training, shown side by side. */
  readonly training: readonly Figure[];
}

/** The document. All texts of the input are escaped. */
export function page(input: ReportInput, { accuracy, training }: PageFigures): string {
  const { title, results, images } = input;
  const sections = [
    `<section class="lead" aria-label="Summary">${paragraphs(summary(results, images))}</section>`,
    section("Accuracy", resultsHtml(input), ...accuracy.map((figure, i) => figureHtml(figure, `Figure ${i + 1}. `))),
    section("What the samples are", findingsHtml(input)),
    section("What these numbers leave open", paragraphs(OPEN)),
    ...(training.length === 0 ? [] : [section("Training", panelsHtml(training, `Figure ${accuracy.length + 1}. `))]),
    section("The run", ...runHtml(input)),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} · neural network diffusion</title>
<style>
${style}
</style>
</head>
<body>
<main>
<header>
<p>Neural network diffusion</p>
<h1>${escapeHtml(title)}</h1>
</header>
${sections.join("\n")}
</main>
</body>
</html>
`;
}

const OPEN = [
  "Accuracy alone does not show that anything new was made. A network that copies an original, or averages a few of them, is accurate too, and an average often more so than its parts.",
  "This report sets the samples beside the average of all originals only. It does not measure them against stronger rivals of the same kind – averages of a few originals, originals with added noise, draws from a Gaussian fitted to them – and it does not search the originals for the one that each sample resembles most. So a good accuracy here means that the generator draws networks that work, not that it draws networks nobody had.",
];

function section(heading: string, ...parts: readonly string[]): string {
  return `<section>\n<h2>${heading}</h2>\n${parts.join("\n")}\n</section>`;
}

function paragraphs(texts: readonly string[]): string {
  return texts.map((text) => `<p>${escapeHtml(text)}</p>`).join("\n");
}

// The roles say again what the elements are, because a table that is laid out as blocks on narrow screens loses them.
function resultsHtml({ results, images }: ReportInput): string {
  const [header, ...rows] = resultsTable(results);
  const names = Object.keys(rowNames) as GroupName[];
  const head = header!.map((name) => `<th scope="col" role="columnheader">${escapeHtml(name)}</th>`).join("");
  const body = rows.map((row, i) => {
    const [first, ...cells] = row.map(escapeHtml);
    const data = cells.map((cell, j) => `<td role="cell" data-label="${escapeHtml(header![j + 1]!)}">${cell}</td>`);
    return `<tr role="row" class="${names[i]}"><th scope="row" role="rowheader">${first}</th>${data.join("")}</tr>`;
  });
  return `<table class="results" role="table" aria-label="Accuracies by group of networks">
<thead role="rowgroup"><tr role="row">${head}</tr></thead>
<tbody role="rowgroup">
${body.join("\n")}
</tbody>
</table>
<p class="note">Percentages of ${escapeHtml(counted(images.test, "test image"))}; the last column of ${escapeHtml(counted(images.selection, "selection image"))}. <em>Best by selection</em> is the test accuracy of the network that is best on the selection images, as one would choose it in earnest. <em>Best by test</em> is how the paper reports: the greatest of all test accuracies, chosen on the images it is measured on, which flatters larger and more scattered groups. Reconstructions are the originals sent through the autoencoder and back.</p>`;
}

function figureHtml({ title, caption, draw }: Figure, number: string): string {
  return `<figure>
<div class="wide">${draw({ width: WIDTHS.wide, theme: pageTheme })}</div>
<div class="narrow">${draw({ width: WIDTHS.narrow, theme: pageTheme })}</div>
<figcaption><strong>${number}${escapeHtml(title)}.</strong> ${escapeHtml(caption)}</figcaption>
</figure>`;
}

function panelsHtml(figures: readonly Figure[], number: string): string {
  const panels = figures.map(({ draw }) => draw({ width: WIDTHS.panel, theme: pageTheme }));
  const notes = figures.map(({ caption }) => caption).filter((caption) => caption !== "");
  const caption = [
    "Faint: the logged values, of long curves the least and the greatest of each stretch. Solid: their moving average over a twentieth of the curve. Look for curves that have levelled off: one that still falls at its right end may gain from more steps.",
    ...notes,
  ].join(" ");
  return `<figure>
<div class="panels">
${panels.join("\n")}
</div>
<figcaption><strong>${number}Training curves.</strong> ${escapeHtml(caption)}</figcaption>
</figure>`;
}

function findingsHtml({ results }: ReportInput): string {
  const rows = findings(results).map(
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

function pairs(rows: readonly (readonly [string, string])[]): string {
  const body = rows.map(
    ([label, value]) => `<tr><th scope="row">${escapeHtml(label)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<table class="run"><tbody>\n${body.join("\n")}\n</tbody></table>`;
}
