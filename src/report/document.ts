/** The parts of a page: the document, its sections, verdict, figures and tables. */
import type { Audit, VerdictName } from "../records/index.ts";
import { pageTheme } from "./drawing/theme.ts";
import type { Figure } from "./figures/figure.ts";
import { escapeHtml, prose } from "./html.ts";
import { script, scriptSource } from "./page-script.ts";
import { style } from "./style.ts";
import type { KeyNumber } from "./text/key-numbers.ts";
import { sentences } from "./text/sentences.ts";

/** Widths of a figure in pixels: on a wide screen, on a telephone, and as one of several. */
const WIDTHS = { wide: 824, narrow: 344, panel: 400 };

/** Nothing may be loaded, and only the page's own script runs, whatever a run's texts contain. */
const policy = (scripts: string) =>
  `default-src 'none'; script-src ${scripts}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'`;

/** A place that a page's contents lead to. */
export interface Entry {
  /** Lower-case letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
}

/** HTML, and the places in it that the contents list. */
export interface Part {
  readonly html: string;
  readonly entries: readonly Entry[];
}

/** A section of a page, with its heading; the entries are in it. */
export interface Section extends Entry, Part {}

/**
 * A whole document. Titles are escaped, sections are HTML, and empty ones are left out.
 * @param top HTML above the first section that has a heading.
 */
export async function documentOf(title: string, top: string, sections: readonly Section[]): Promise<string> {
  const present = sections.filter(({ html }) => html !== "");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(await scriptSource(script))}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} · neural network diffusion</title>
<style>
${style}
</style>
</head>
<body>
<div class="page">
<header>
<p>Neural network diffusion</p>
<h1>${escapeHtml(title)}</h1>
</header>
${contents(present)}
<main>
${[top, ...present.map(({ html }) => html)].filter((html) => html !== "").join("\n")}
</main>
</div>
<script>${script}</script>
</body>
</html>
`;
}

/** Links to all sections and what is in them; folded on narrow screens. */
function contents(sections: readonly Section[]): string {
  if (sections.length === 0) return "";
  const link = ({ id, title }: Entry) => `<a href="#${id}">${escapeHtml(title)}</a>`;
  const items = sections.map((section) => {
    const inner = section.entries.map((entry) => `<li>${link(entry)}</li>`).join("");
    return `<li>${link(section)}${inner === "" ? "" : `<ul>${inner}</ul>`}</li>`;
  });
  return `<nav aria-label="Contents">
<details>
<summary>Contents</summary>
<ul>
${items.join("\n")}
</ul>
</details>
</nav>`;
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

/**
 * The verdict at the top of a page, and a sentence on how good the samples are.
 * @param below HTML of what it rests on.
 */
export function verdictHtml({ verdict }: Audit, scores: string, ...below: readonly string[]): string {
  const { name, label, meaning, rule } = verdict;
  return `<section class="verdict" id="verdict" aria-label="Verdict">
<p class="name"><span class="badge ${TONES[name]}">${escapeHtml(label)}</span></p>
<p class="meaning">${prose(meaning)}</p>
<p class="rule">${prose(rule)}</p>
<p class="accuracy">${prose(scores)}</p>
${below.map((html) => `${html}\n`).join("")}</section>`;
}

/**
 * Numbers beside each other, with what to compare them with.
 * @param sources links to where the numbers come from, HTML, in the order of the numbers.
 */
export function tilesHtml(numbers: readonly KeyNumber[], sources: readonly string[]): string {
  if (numbers.length === 0) return "";
  const tiles = numbers.map(({ label, value, note }, i) => {
    const source = sources[i] ?? "";
    const below = [prose(note), source].filter((html) => html !== "").join(" ");
    return `<div><dt>${prose(label)}</dt><dd class="value">${prose(value)}</dd><dd class="note">${below}</dd></div>`;
  });
  return `<dl class="tiles">\n${tiles.join("\n")}\n</dl>`;
}

/** A section under a heading, of parts that are HTML; empty where all of them are. */
export function section(id: string, title: string, ...parts: readonly (string | Part)[]): Section {
  const all = parts.map((part) => (typeof part === "string" ? { html: part, entries: [] } : part));
  const present = all.filter(({ html }) => html !== "");
  const html = present.map((part) => part.html).join("\n");
  return {
    id,
    title,
    html: html === "" ? "" : `<section id="${id}">\n<h2>${escapeHtml(title)}</h2>\n${html}\n</section>`,
    entries: present.flatMap(({ entries }) => entries),
  };
}

/** Texts as paragraphs. */
export function paragraphs(texts: readonly string[]): string {
  return texts.map((text) => `<p>${prose(text)}</p>`).join("\n");
}

/** Where a figure is on a page. */
export const figureId = (name: string): string => `figure-${name}`;

/** `Figure 3`, as a link to the figure. */
export const figureLink = (name: string, number: number): string => `<a href="#${figureId(name)}">Figure ${number}</a>`;

/** A figure for wide and for narrow screens. */
export function figureHtml({ name, title, caption, draw }: Figure, number: number): Part {
  const drawings = `<div class="wide">${draw({ width: WIDTHS.wide, theme: pageTheme })}</div>
<div class="narrow">${draw({ width: WIDTHS.narrow, theme: pageTheme })}</div>`;
  return captioned(name, number, title, caption, drawings);
}

function captioned(name: string, number: number, title: string, caption: string, drawings: string): Part {
  return {
    html: `<figure id="${figureId(name)}">
${drawings}
<figcaption><strong>${figureLink(name, number)}. ${prose(title)}.</strong> ${prose(caption)}</figcaption>
</figure>`,
    entries: [{ id: figureId(name), title: `${number}. ${title}` }],
  };
}

/** Training curves have one number together. */
export const PANELS = "training-curves";

/** Curves of the training side by side. */
export function panelsHtml(figures: readonly Figure[], number: number): Part {
  const panels = figures.map(({ draw }) => draw({ width: WIDTHS.panel, theme: pageTheme }));
  const notes = figures.map(({ caption }) => caption);
  const caption = sentences(
    "Faint: the logged values; of long curves, the least and the greatest of each stretch.",
    "Solid: their moving average over a twentieth of the curve.",
    "Look for curves that have levelled off: one that still falls at its right end may gain from more steps.",
    ...notes,
  );
  return captioned(PANELS, number, "Training curves", caption, `<div class="panels">\n${panels.join("\n")}\n</div>`);
}

/** A table of labels and values, with the classes `name`. */
export function pairs(rows: readonly (readonly [string, string])[], name = "run"): string {
  const body = rows.map(
    ([label, value]) => `<tr><th scope="row">${escapeHtml(label)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<table class="${name}"><tbody>\n${body.join("\n")}\n</tbody></table>`;
}

/** A text to be copied, with a button for it where the page's script runs. */
export function copied(id: string, text: string): string {
  return `<div class="copied"><button type="button" data-copy="${id}" hidden>Copy</button><pre id="${id}" tabindex="0">${escapeHtml(text)}</pre></div>`;
}

/** HTML that is folded away until the reader unfolds it. */
export function folded(summary: string, html: string): string {
  return `<details>\n<summary>${escapeHtml(summary)}</summary>\n${html}\n</details>`;
}
