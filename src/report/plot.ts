/** Observable Plot without a browser: draws on a document of linkedom's and returns the text of an SVG. */
import type { PlotOptions } from "@observablehq/plot";

import { clean } from "./html.ts";
import type { Theme } from "./theme.ts";

/** How a figure is drawn: its width in pixels and its colours. */
export interface Look {
  readonly width: number;
  readonly theme: Theme;
}

export type Plotting = typeof import("@observablehq/plot") & {
  /**
   * The text of a figure, well-formed XML and the same for the same input.
   * @param label says in a sentence what the figure shows, for readers who cannot see it.
   */
  draw(look: Look, label: string, options: PlotOptions): string;
};

const SVG = "http://www.w3.org/2000/svg";

const FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";

/** Fractions of a hundredth of a pixel cannot be seen, and are most of a figure's bytes. */
const LONG_FRACTION = /(\.\d\d)\d+/g;
const PLACES = ["cx", "cy", "x1", "x2", "y1", "y2", "x", "y", "width", "height", "d", "transform"];

/** Loads the libraries, which nothing else needs, on first use. */
export async function plotting(): Promise<Plotting> {
  const [plot, { DOMParser }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
  const draw = ({ width, theme }: Look, label: string, options: PlotOptions): string => {
    const document = new DOMParser().parseFromString("<svg/>", "image/svg+xml");
    // linkedom has no styles that could be set as properties, hence attributes.
    const svg = plot.plot({
      ...options,
      document: document as never,
      width,
      ariaLabel: clean(label),
    });
    svg.setAttribute("xmlns", SVG);
    svg.setAttribute("role", "img");
    svg.setAttribute("color", theme.ink);
    svg.setAttribute("font-family", FONTS);
    svg.setAttribute("font-size", "12");
    const ground = svg.ownerDocument.createElementNS(SVG, "rect");
    ground.setAttribute("width", "100%");
    ground.setAttribute("height", "100%");
    ground.setAttribute("fill", theme.background);
    svg.insertBefore(ground, svg.firstChild);
    for (const element of svg.querySelectorAll("*")) {
      for (const name of PLACES) {
        const value = element.getAttribute(name);
        if (value !== null) element.setAttribute(name, value.replace(LONG_FRACTION, "$1"));
      }
    }
    return svg.outerHTML;
  };
  return { ...plot, draw };
}
