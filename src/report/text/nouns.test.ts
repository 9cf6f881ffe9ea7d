import { describe, expect, it } from "vitest";

import { counted } from "./nouns.ts";

describe("counted nouns", () => {
  it("are singular when there is one", () => {
    expect([counted(0, "network"), counted(1, "network"), counted(2, "network")]).toEqual([
      "0 networks",
      "1 network",
      "2 networks",
    ]);
    expect([counted(1, "baseline family"), counted(3, "baseline family")]).toEqual([
      "1 family of baselines",
      "3 families of baselines",
    ]);
  });

  it("group thousands", () => {
    expect(counted(10_000, "test image")).toBe("10\u202f000 test images");
  });
});
