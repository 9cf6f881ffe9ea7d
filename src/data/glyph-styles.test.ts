import { expect, it } from "vitest";

import { GRID_HEIGHT, GRID_WIDTH, glyphStyles } from "./glyph-styles.ts";

const strokes = glyphStyles.flat(2);

it("every digit has a style, and every style a stroke", () => {
  expect(glyphStyles).toHaveLength(10);
  for (const styles of glyphStyles) {
    expect(styles.length).toBeGreaterThan(0);
    for (const style of styles) expect(style.length).toBeGreaterThan(0);
  }
});

it("every stroke goes through two points of the grid at least", () => {
  for (const { points } of strokes) {
    expect(points.length).toBeGreaterThan(1);
    for (const [x, y] of points) {
      expect(x >= 0 && x <= GRID_WIDTH).toBe(true);
      expect(y >= 0 && y <= GRID_HEIGHT).toBe(true);
    }
  }
});

it("the styles together use the whole grid", () => {
  const [xs, ys] = [0, 1].map((axis) => strokes.flatMap(({ points }) => points.map((point) => point[axis]!)));
  expect([Math.min(...xs!), Math.max(...xs!)]).toEqual([0, GRID_WIDTH]);
  expect([Math.min(...ys!), Math.max(...ys!)]).toEqual([0, GRID_HEIGHT]);
});
