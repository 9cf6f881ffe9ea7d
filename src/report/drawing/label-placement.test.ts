import { describe, expect, it } from "vitest";

import { type Box, placeLabels } from "./label-placement.ts";

const frame: Box = { x1: 0, y1: 0, x2: 400, y2: 300 };
const label = (text: string, x: number, y: number) => ({ text, x, y });
const around = (x: number, y: number, r: number): Box => ({ x1: x - r, x2: x + r, y1: y - r, y2: y + r });

describe("labels", () => {
  it("stand to the right of their points when there is room", () => {
    const [placed] = placeLabels([label("abcd", 100, 50)], [around(100, 50, 5)], frame);
    expect(placed).toEqual({ text: "abcd", x: 122, y: 50 });
  });

  it("stand elsewhere when a mark or the edge of the frame is in the way", () => {
    const [left] = placeLabels([label("abcd", 100, 50)], [around(130, 50, 8)], frame);
    expect(left?.x).toBeLessThan(100);
    const [inside] = placeLabels([label("abcd", 395, 50)], [], frame);
    expect(inside?.x).toBeLessThan(395 - 14);
  });

  it("do not overlap one another", () => {
    const [first, second] = placeLabels([label("first", 50, 50), label("second", 52, 50)], [], frame);
    expect(first).toMatchObject({ y: 50 });
    expect(second?.x).toBeLessThan(50);
  });

  it("are left out when there is no room", () => {
    expect(placeLabels([label("abcd", 100, 50)], [around(100, 50, 80)], frame)).toEqual([]);
  });
});
