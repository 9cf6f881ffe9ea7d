/** How figures look, and the library that draws them. */
import type { Theme } from "./theme.ts";

/** How a figure is drawn: its width in pixels and its colours. */
export interface Look {
  readonly width: number;
  readonly theme: Theme;
}

/** Observable Plot. */
export type Library = typeof import("@observablehq/plot");
