/** What a figure gives to the page: a drawing, its numbers and its caption. */

import type { Look } from "../drawing/look.ts";
import type { Table } from "../text/csv.ts";

export interface Figure {
  /** Names the files of the figure: lower-case letters, digits and hyphens. */
  readonly name: string;
  /** What it shows, in a few words. */
  readonly title: string;
  /** How to read it and what to look for. */
  readonly caption: string;
  /** Every number that it shows. */
  readonly data: Table;
  /** The SVG for a width and colours. */
  readonly draw: (look: Look) => string;
}
