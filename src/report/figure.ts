/** What a figure is to the page. */
import type { Look } from "./plot.ts";

export interface Figure {
  /** Names the file of the figure: lower-case letters, digits and hyphens. */
  readonly name: string;
  /** What it shows, in a few words. */
  readonly title: string;
  /** How to read it and what to look for. */
  readonly caption: string;
  /** The SVG for a width and colours. */
  readonly draw: (look: Look) => string;
}
