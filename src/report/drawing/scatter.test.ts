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

  it("leaves out a label when it would overlap an earlier one", () => {
    const placement = { side: "beside", dy: 0 } as const;
    const labels = [label("first", 2, 50), label("second", 2.1, 50), label("third", 2, 20)];
    const shown = texts({ labels, placement });
    expect(shown).toEqual(expect.arrayContaining(["first", "third"]));
    expect(shown).not.toContain("second");
  });

  it("puts a label to the left of its point when there is no room to the right", () => {
    const placement = { side: "beside", dy: 0 } as const;
    const left = (x: number) => {
      const [group] = [...draw({ labels: [label("a long label", x, 50)], placement }).querySelectorAll("g")].filter(
        (g) => g.textContent === "a long label" && (g.getAttribute("transform") ?? "").startsWith("translate"),
      );
      return Number(group?.getAttribute("transform")?.match(/[-\d.]+/)?.[0]);
    };
    // The point lies at 40 + 40 x pixels; twelve characters are 84 pixels wide.
    expect(left(2)).toBeGreaterThan(40 + 80 - 50);
    expect(left(9.9) - left(2)).toBeLessThan(40 * 7.9 - 84);
  });

  it("has a heading, guides and a ring when they are asked for", () => {
    const svg = draw({ heading: "beside noise", guides: { x: 1, y: 20, colour: "blue" }, ring: { x: 1, y: 1 } });
    expect(svg.toString()).toContain("beside noise");
    expect(svg.querySelectorAll('[stroke="blue"]')).toHaveLength(2);
    expect(svg.querySelectorAll("circle")).toHaveLength(1);
  });
});
