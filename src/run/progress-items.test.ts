import { describe, expect, it } from "vitest";

import { labelOf } from "./progress-items.ts";

describe("labelOf", () => {
  it("names a piece of work for people", () => expect(labelOf("train-base")).toBe("training the network"));

  it("names one of several pieces by its number", () =>
    expect(labelOf("train-reference/2")).toBe("training reference network 2"));
});
