import { DOMParser } from "linkedom";
import { describe, expect, it } from "vitest";

import { plotting } from "./plot.ts";
import { paperTheme } from "./theme.ts";

const plot = await plotting();
const look = { width: 300, theme: paperTheme };
const parse = (svg: string) => new DOMParser().parseFromString(svg, "image/svg+xml");

describe("a plot", () => {
  it("is well-formed, labelled and of its width", () => {
    const text = plot.draw(look, "a plot", { marks: [plot.dot([[1, 2]])] });
    const { documentElement } = parse(text);
    expect(documentElement?.outerHTML).toBe(text);
    expect(documentElement?.getAttribute("aria-label")).toBe("a plot");
    expect(documentElement?.getAttribute("width")).toBe("300");
  });

  it("has no fractions of a hundredth of a pixel", () => {
    const svg = plot.draw(look, "dots", {
      marks: [
        plot.dot([[1, 1 / 3]]),
        plot.line([
          [0, 0],
          [1 / 7, 1 / 3],
        ]),
      ],
    });
    expect(svg).not.toMatch(/\d\.\d{3}/);
  });
});

describe("a grid of plots", () => {
  const panel = () => ({ height: 100, marks: [plot.frame()] });

  it("is as high as its rows and legend", () => {
    const height = (columns: number, legend: boolean) => {
      const mark = { label: "a", colour: "red", mark: "circle" } as const;
      const grid = { columns, panels: [panel, panel], legend: legend ? [mark] : [] };
      return Number(parse(plot.grid(look, "a grid", grid)).documentElement?.getAttribute("height"));
    };
    expect(height(2, false)).toBe(100);
    expect(height(1, false)).toBe(214);
    expect(height(2, true)).toBe(128);
  });
});
