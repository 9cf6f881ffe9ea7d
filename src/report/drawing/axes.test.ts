import { describe, expect, it } from "vitest";

import { isNarrow, logAxis, logTicks, someOf } from "./axes.ts";
import { paperTheme } from "./theme.ts";

describe("ticks of a logarithmic axis", () => {
  it("are powers of ten when there are enough", () => {
    expect(logTicks(0.002, 200)).toEqual([0.01, 0.1, 1, 10, 100]);
  });

  it("are 1, 2 and 5 times powers of ten when there are few", () => {
    expect(logTicks(0.9, 60)).toEqual([1, 2, 5, 10, 20, 50]);
  });

  it("are the ends when nothing round lies between them", () => {
    expect(logTicks(3, 4)).toEqual([3, 4]);
  });

  it("are labelled with the value that they stand for", () => {
    const { ticks, tickFormat } = logAxis([8, 64], String);
    expect(ticks.map(tickFormat)).toEqual(["8", "64"]);
  });

  it("are fewer when there are many", () => {
    expect(someOf([1, 2, 3, 4, 5, 6, 7], 3)).toEqual([1, 4, 7]);
    expect(someOf([1, 2], 3)).toEqual([1, 2]);
  });
});

it("is narrow when a figure is drawn for a telephone", () => {
  expect([344, 824].map((width) => isNarrow({ width, theme: paperTheme }))).toEqual([true, false]);
});
