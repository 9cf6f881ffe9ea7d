import { describe, expect, it } from "vitest";

import { evenIndices, evenly, evenlyWithEnds } from "./evenly.ts";

describe("evenly spaced indices", () => {
  it("are the first of equal stretches when the list is longer", () => {
    expect(evenIndices(10, 4)).toEqual([0, 2, 5, 7]);
    expect(evenly(["a", "b", "c", "d", "e"], 2)).toEqual(["a", "c"]);
  });

  it("are all indices when the list is not longer", () => {
    expect(evenIndices(3, 5)).toEqual([0, 1, 2]);
    expect(evenIndices(0, 5)).toEqual([]);
  });
});

describe("evenly spaced elements with both ends", () => {
  it("takes the first and the last when the list is longer", () => {
    expect(evenlyWithEnds([0, 1, 2, 3, 4, 5, 6, 7, 8], 3)).toEqual([0, 4, 8]);
  });

  it("takes the whole list when it is not longer", () => {
    expect(evenlyWithEnds([1, 2], 3)).toEqual([1, 2]);
  });
});
