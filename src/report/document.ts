/** The parts of a page: the document, its sections, verdict, figures and tables. */
import type { Audit, VerdictName } from "../records/index.ts";
import { pageTheme } from "./drawing/theme.ts";
import type { Figure } from "./figures/figure.ts";
import { escapeHtml } from "./html.ts";
import { style } from "./style.ts";
import { sentences } from "./text/sentences.ts";

/** Widths of a figure in pixels: on a wide screen, on a telephone, and as one of several. */
const WIDTHS = { wide: 824, narrow: 344, panel: 400 };

/** Nothing may be loaded or run, whatever the texts of a run contain. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** A whole document. The title is escaped; sections are HTML, and empty ones are left out. */
export function documentOf(title: string, sections: readonly string[]): string {
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
${sections.filter((text) => text !== "").join("\n")}
</main>
</body>
</html>
`;
}

/** How good a verdict is, for the colour of the badge, which also says it in words. */
const TONES: Readonly<Record<VerdictName, "good" | "mixed" | "bad" | "open">> = {
  novel: "good",
  "average-like": "mixed",
  "gaussian-like": "mixed",
  "noise-like": "mixed",
  new: "mixed",
  "replica in part": "bad",
  replica: "bad",
  collapsed: "bad",
  "off the map": "bad",
  broken: "bad",
  undecided: "open",
};

/** The verdict at the top of a page, and a sentence on how good the samples are. */
export function verdictHtml({ verdict }: Audit, scores: string): string {
  const { name, label, meaning, rule } = verdict;
  return `<section class="verdict" aria-label="Verdict">
<p class="name"><span class="badge ${TONES[name]}">${escapeHtml(label)}</span></p>
<p class="meaning">${escapeHtml(meaning)}</p>
<p class="rule">${escapeHtml(rule)}</p>
<p class="accuracy">${escapeHtml(scores)}</p>
</section>`;
}

/** A section under a heading, of parts that are HTML; empty where all of them are. */
export function section(heading: string, ...parts: readonly string[]): string {
  const present = parts.filter((part) => part !== "");
  return present.length === 0 ? "" : `<section>\n<h2>${heading}</h2>\n${present.join("\n")}\n</section>`;
}

/** A table, HTML, that scrolls sideways where it is wider than the page. */
export function scrolling(label: string, table: string): string {
  return `<div class="scroll" role="region" aria-label="${label}" tabindex="0">\n${table}\n</div>`;
}

/** Texts as paragraphs. */
export function paragraphs(texts: readonly string[]): string {
  return texts.map((text) => `<p>${escapeHtml(text)}</p>`).join("\n");
}

/** A figure for wide and for narrow screens. */
export function figureHtml({ title, caption, draw }: Figure, number: string): string {
  return `<figure>
<div class="wide">${draw({ width: WIDTHS.wide, theme: pageTheme })}</div>
<div class="narrow">${draw({ width: WIDTHS.narrow, theme: pageTheme })}</div>
<figcaption><strong>${number}${escapeHtml(title)}.</strong> ${escapeHtml(caption)}</figcaption>
</figure>`;
}

/** Curves of the training side by side. */
export function panelsHtml(figures: readonly Figure[], number: string): string {
  const panels = figures.map(({ draw }) => draw({ width: WIDTHS.panel, theme: pageTheme }));
  const notes = figures.map(({ caption }) => caption);
  const caption = sentences(
    "Faint: the logged values; of long curves, the least and the greatest of each stretch.",
    "Solid: their moving average over a twentieth of the curve.",
    "Look for curves that have levelled off: one that still falls at its right end may gain from more steps.",
    ...notes,
  );
  return `<figure>
<div class="panels">
${panels.join("\n")}
</div>
<figcaption><strong>${number}Training curves.</strong> ${escapeHtml(caption)}</figcaption>
</figure>`;
}

/** A table of labels and values, with the classes `name`. */
export function pairs(rows: readonly (readonly [string, string])[], name = "run"): string {
  const body = rows.map(
    ([label, value]) => `<tr><th scope="row">${escapeHtml(label)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<table class="${name}"><tbody>\n${body.join("\n")}\n</tbody></table>`;
}
