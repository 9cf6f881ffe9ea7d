/**
 * Tables of groups of networks, as HTML: a mark and a name in front of every row, intervals that go
 * below their means on narrow screens, and long tables that unfold.
 */
import type { Family } from "../records/index.ts";
import { escapeHtml, prose } from "./html.ts";

/** Rows that are shown of a table until it is unfolded. */
export const FOLDED_ROWS = 6;

export interface TableRow {
  readonly name: string;
  /** For its mark and colour; a row without one has no mark. */
  readonly family?: Family;
  /** One for each column. */
  readonly cells: readonly string[];
}

/** Rows under a heading of their own, or under none. */
export interface TableBody {
  readonly title?: string;
  readonly rows: readonly TableRow[];
}

export interface TableContent {
  /** What the table shows, for readers who cannot see it. */
  readonly label: string;
  /** Headings, without that of the names. */
  readonly columns: readonly string[];
  readonly bodies: readonly TableBody[];
  /** Which rows are shown before it is unfolded: the first ones, if this is left out. */
  readonly first?: ReadonlySet<string>;
  /** Whether cells are texts, which may take several lines; false by default. */
  readonly wraps?: boolean;
}

/**
 * The table, which scrolls sideways where it is wider than the page. Of more than `FOLDED_ROWS`
 * rows the others are shown when a box is ticked; all are in the HTML and in print.
 */
export function tableHtml({ label, columns, bodies, first, wraps = false }: TableContent): string {
  const rows = bodies.flatMap((body) => body.rows);
  const shown = first ?? new Set(rows.slice(0, FOLDED_ROWS).map(({ name }) => name));
  const isFolded = rows.length > FOLDED_ROWS && rows.some(({ name }) => !shown.has(name));
  const more = (list: readonly TableRow[]) => isFolded && !list.some(({ name }) => shown.has(name));
  const head = ["", ...columns].map((name) => `<th scope="col">${prose(name)}</th>`).join("");
  const html = bodies.map(({ title, rows }) => {
    const heading =
      title === undefined
        ? []
        : [`<tr><th scope="rowgroup" colspan="${columns.length + 1}"><span>${prose(title)}</span></th></tr>`];
    const lines = rows.map((row) => rowHtml(row, more([row])));
    return `<tbody${more(rows) ? ' class="more"' : ""}>\n${[...heading, ...lines].join("\n")}\n</tbody>`;
  });
  // A heading cell without a text would be nameless.
  const table = `<table class="audit${wraps ? " wraps" : ""}">\n<thead><tr>${head.replace('<th scope="col"></th>', "<td></td>")}</tr></thead>\n${html.join("\n")}\n</table>`;
  const box = `<div class="scroll" role="region" aria-label="${escapeHtml(label)}" tabindex="0">\n${table}\n</div>`;
  if (!isFolded) return box;
  return `<div class="fold">
${box}
<label class="unfold"><input type="checkbox"> All ${rows.length} rows</label>
</div>`;
}

function rowHtml({ name, family, cells }: TableRow, more: boolean): string {
  const classes = [...(family === undefined ? [] : [family]), ...(more ? ["more"] : [])];
  const data = cells.map((cell) => `<td>${cellHtml(cell)}</td>`).join("");
  const attribute = classes.length === 0 ? "" : ` class="${classes.map(escapeHtml).join(" ")}"`;
  return `<tr${attribute}><th scope="row">${escapeHtml(name)}</th>${data}</tr>`;
}

/** A cell; an interval at its end can go on a line of its own. */
const cellHtml = (cell: string): string =>
  escapeHtml(cell).replace(/ (\[[^[\]]*\])$/, ' <span class="interval">$1</span>');
