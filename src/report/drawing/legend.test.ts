import { describe, expect, it } from "vitest";

import { dotOptions, legendOptions } from "./legend.ts";
import { plotting } from "./plot.ts";
import { paperTheme } from "./theme.ts";

const plot = await plotting();
const items = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ label: `a group ${i}`, colour: "red", mark: "circle" }) as const);

describe("a legend", () => {
  it("takes more lines when its items do not fit in one", () => {
    const height = (count: number) => legendOptions(plot, { width: 344, theme: paperTheme }, items(count)).height ?? 0;
    expect(height(8)).toBeGreaterThan(height(2));
  });

  it("draws every kind of mark", () => {
    const legend = (["circle", "line", "dashed", "band"] as const).map((mark) => ({
      label: mark,
      colour: "red",
      mark,
    }));
    const svg = plot.grid({ width: 344, theme: paperTheme }, "a legend", {
      columns: 1,
      legend,
      panels: [() => ({ marks: [] })],
    });
    for (const { label } of legend) expect(svg).toContain(label);
    expect(svg).toContain("stroke-dasharray");
  });
});

describe("a dot", () => {
  it("is an outline when it is hollow or a cross", () => {
    expect(dotOptions({ mark: "circle", colour: "red" })).toMatchObject({ fill: "red", stroke: "none" });
    expect(dotOptions({ mark: "circle", colour: "red", hollow: true })).toMatchObject({ fill: "none", stroke: "red" });
    expect(dotOptions({ mark: "times", colour: "red" })).toMatchObject({ fill: "none", stroke: "red" });
  });
});
