import { DOMParser } from "linkedom";
import { describe, expect, it } from "vitest";

import { plotting } from "./plot.ts";
import { type Scatter, scatterOptions } from "./scatter.ts";
import { paperTheme } from "./theme.ts";

const plot = await plotting();
const base: Scatter = {
  x: { domain: [0, 10], label: "across", ticks: 5 },
  y: { domain: [0, 100], label: "up", ticks: 5 },
  height: 300,
  margin: { top: 10, right: 10, bottom: 40, left: 40 },
  inset: { left: 0, right: 0, y: 0 },
};

const draw = (changes: Partial<Scatter>) => {
  const look = { width: 450, theme: paperTheme };
  const svg = plot.draw(look, "a scatter", scatterOptions(plot, look, { ...base, ...changes }));
  return new DOMParser().parseFromString(svg, "image/svg+xml");
};

const texts = (changes: Partial<Scatter>) => [...draw(changes).querySelectorAll("text")].map((t) => t.textContent);
const label = (text: string, x: number, y: number) => ({ text, x, y, colour: "red" });

describe("a scatter plot", () => {
  it("puts dots where their values are", () => {
    const points = [
      { x: 0, y: 0 },
      { x: 10, y: 100 },
    ];
    const [first, last] = draw({ clouds: [{ points, r: 3, mark: "circle", colour: "red" }] }).querySelectorAll(
      "circle",
    );
    expect([first?.getAttribute("cx"), first?.getAttribute("cy")]).toEqual(["40", "260"]);
    expect([last?.getAttribute("cx"), last?.getAttribute("cy")]).toEqual(["440", "10"]);
  });

  it("cuts intervals off when they leave the axes", () => {
    const mark = { x: 5, y: 50, r: 4, mark: "circle", colour: "red" } as const;
    const svg = draw({ marks: [{ ...mark, intervals: { x: [-100, 7], y: [40, 900], width: 2 } }] }).toString();
    expect(svg).toContain("M40,135L320,135");
    expect(svg).toContain("M240,160L240,10");
  });

  it("says what a dot or a mark stands for when it is pointed at", () => {
    const dot = { mark: "circle", colour: "red" } as const;
    const svg = draw({
      clouds: [{ points: [{ x: 1, y: 1, tip: "a dot" }], r: 3, ...dot }],
      marks: [{ x: 5, y: 50, r: 4, tip: "a mark", ...dot }],
    });
    expect([...svg.querySelectorAll("circle > title")].map((title) => title.textContent)).toEqual(["a dot", "a mark"]);
  });

  it("puts no label over a dot or a mark, and leaves out those without room", () => {
    const labels = [label("first", 2, 50), label("second", 8, 50)];
    expect(texts({ labels })).toEqual(expect.arrayContaining(["first", "second"]));
    const points = Array.from({ length: 400 }, (_, i) => ({ x: 1 + (i % 20) / 5, y: 2.5 * (i / 20) + 25 }));
    const shown = texts({ labels, clouds: [{ points, r: 4, mark: "circle", colour: "red" }] });
    expect(shown).toContain("second");
    expect(shown).not.toContain("first");
  });

  it("has a heading, guides and a ring when they are asked for", () => {
    const svg = draw({ heading: "beside noise", guides: { x: 1, y: 20, colour: "blue" }, ring: { x: 1, y: 1 } });
    expect(svg.toString()).toContain("beside noise");
    expect(svg.querySelectorAll('[stroke="blue"]')).toHaveLength(2);
    expect(svg.querySelectorAll("circle")).toHaveLength(1);
  });
});
