import { describe, expect, it } from "vitest";

import { withoutOverlap } from "./label-placement.ts";

describe("labels", () => {
  it("are kept when they lie apart", () => {
    const labels = [
      { text: "a", x: 0, y: 0 },
      { text: "b", x: 20, y: 0 },
      { text: "c", x: 0, y: 20 },
    ];
    expect(withoutOverlap(labels)).toEqual(labels);
  });

  it("are left out when they overlap an earlier one", () => {
    const labels = [
      { text: "first", x: 0, y: 0 },
      { text: "second", x: 10, y: 5 },
    ];
    expect(withoutOverlap(labels).map(({ text }) => text)).toEqual(["first"]);
  });
});
