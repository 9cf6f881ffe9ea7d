/** Draws with Observable Plot, without a browser: a figure is the text of an SVG. */
import type { PlotOptions } from "@observablehq/plot";

import { clean } from "../html.ts";
import { type LegendItem, legendOptions } from "./legend.ts";
import type { Library, Look } from "./look.ts";

type Svg = ReturnType<Library["plot"]>;

export type Plotting = Library & {
  /**
   * The text of a figure, well-formed XML and the same for the same input.
   * @param label says in a sentence what the figure shows, for readers who cannot see it.
   */
  draw(look: Look, label: string, options: PlotOptions): string;
  /**
   * The same of several plots with scales of their own, from left to right and row by row, below a
   * legend.
   */
  grid(look: Look, label: string, grid: Grid): string;
};

export interface Grid {
  readonly columns: number;
  /** The plots, each for a look with the width of a column. */
  readonly panels: readonly ((look: Look) => PlotOptions)[];
  readonly legend?: readonly LegendItem[];
}

/** Pixels between two plots of a grid. */
const GAP = { x: 20, y: 14 };

const SVG = "http://www.w3.org/2000/svg";

const FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";

/** Fractions of a tenth of a pixel cannot be seen, and are most of a figure's bytes. */
const LONG_FRACTION = /(\.\d)\d+/g;
const PLACES = ["cx", "cy", "x1", "x2", "y1", "y2", "x", "y", "width", "height", "d", "transform"];

/** Attributes that Plot sets at the root for everything inside it. */
const INHERITED = ["fill", "text-anchor"];

/** Loads the libraries on first use: nothing else needs them. */
export async function plotting(): Promise<Plotting> {
  const [plot, { DOMParser }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);

  const blank = () => new DOMParser().parseFromString("<svg/>", "image/svg+xml");
  // linkedom has no styles that could be set as properties, hence attributes.
  const plain = (width: number, options: PlotOptions) => plot.plot({ ...options, document: blank() as never, width });

  const finished = (svg: Svg, { theme }: Look): string => {
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
      // Plot labels groups by the kind of their marks; a group without a role may have no label.
      const kind = element.getAttribute("aria-label");
      if (kind !== null) {
        element.removeAttribute("aria-label");
        element.setAttribute("data-mark", kind);
      }
      for (const name of PLACES) {
        const value = element.getAttribute(name);
        if (value !== null) element.setAttribute(name, value.replace(LONG_FRACTION, "$1"));
      }
    }
    return svg.outerHTML;
  };

  const draw: Plotting["draw"] = (look, label, options) =>
    finished(plain(look.width, { ...options, ariaLabel: clean(label) }), look);

  const grid: Plotting["grid"] = (look, label, { columns, panels, legend = [] }) => {
    const width = (look.width - (columns - 1) * GAP.x) / columns;
    const inner = panels.map((panel) => plain(width, panel({ ...look, width })));
    const heightOf = (svg: Svg) => Number(svg.getAttribute("height"));
    const [first] = inner;
    const styles = first?.querySelector("style");
    if (first === undefined || styles == null) throw new Error("a grid needs a panel");
    const outer = first.ownerDocument.createElementNS(SVG, "svg");
    outer.setAttribute("class", first.getAttribute("class") ?? "");
    outer.setAttribute("aria-label", clean(label));
    outer.appendChild(styles);
    const put = (svg: Svg, x: number, y: number) => {
      const group = first.ownerDocument.createElementNS(SVG, "g");
      group.setAttribute("transform", `translate(${x},${y})`);
      for (const name of INHERITED) group.setAttribute(name, svg.getAttribute(name) ?? "");
      for (const child of [...svg.children]) if (child.localName !== "style") group.appendChild(child);
      outer.appendChild(group);
    };
    let y = 0;
    if (legend.length > 0) {
      const head = plain(look.width, legendOptions(plot, look, legend));
      put(head, 0, 0);
      y += heightOf(head);
    }
    for (let start = 0; start < inner.length; start += columns) {
      const row = inner.slice(start, start + columns);
      row.forEach((svg, i) => {
        put(svg, i * (width + GAP.x), y);
      });
      y += Math.max(...row.map(heightOf)) + (start + columns < inner.length ? GAP.y : 0);
    }
    outer.setAttribute("width", `${look.width}`);
    outer.setAttribute("height", `${y}`);
    outer.setAttribute("viewBox", `0 0 ${look.width} ${y}`);
    return finished(outer, look);
  };
  return { ...plot, draw, grid };
}
