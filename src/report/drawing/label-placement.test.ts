import { describe, expect, it } from "vitest";

import { roomy } from "./label-placement.ts";

describe("labels with room", () => {
  it("are kept where they lie apart", () => {
    const labels = [
      { text: "a", x: 0, y: 0 },
      { text: "b", x: 20, y: 0 },
      { text: "c", x: 0, y: 20 },
    ];
    expect(roomy(labels)).toEqual(labels);
  });

  it("win over later ones that lie on them", () => {
    const labels = [
      { text: "first", x: 0, y: 0 },
      { text: "second", x: 10, y: 5 },
    ];
    expect(roomy(labels).map(({ text }) => text)).toEqual(["first"]);
  });
});
