import { describe, expect, it } from "vitest";

import { compact, decimal, decimals, duration, percent, whole } from "./number-format.ts";

describe("numbers as text", () => {
  it.each([
    [0, "0"],
    [200, "200"],
    [10_000, "10\u202f000"],
    [1_234_567, "1\u202f234\u202f567"],
    [Number.NaN, "–"],
  ])("groups the thousands of %d", (value, text) => expect(whole(value)).toBe(text));

  it.each([
    [0.123, "0.12"],
    [-3.41, "−3.41"],
    [-0.001, "0.00"],
    [Number.POSITIVE_INFINITY, "–"],
  ])("writes %d with two decimals", (value, text) => expect(decimal(value)).toBe(text));

  it.each([
    [0, "0"],
    [0.1 + 0.2, "0.3"],
    [1200, "1\u202f200"],
    [0.00001, "1e−5"],
    [-0.00025, "−2.5e−4"],
    [3e7, "3e7"],
  ])("writes %d for an axis", (value, text) => expect(compact(value)).toBe(text));

  it.each([
    [3.42, "3.4 s"],
    [9.96, "10 s"],
    [59.7, "1 min 00 s"],
    [74.2, "1 min 14 s"],
    [7_801, "2 h 10 min"],
    [Number.NaN, "–"],
  ])("writes %d seconds", (seconds, text) => expect(duration(seconds)).toBe(text));

  it("keeps the percent sign on the line when text wraps, and the minus when a percentage is negative", () => {
    expect(percent(0.9731)).toBe("97.31\u00a0%");
    expect(percent(-0.02)).toBe("−2.00\u00a0%");
    expect(percent(Number.NaN)).toBe("–");
  });
});

describe("numbers beside each other", () => {
  it("have one more decimal when two that differ would read the same", () => {
    expect(decimals([0.561, 0.562])).toEqual(["0.561", "0.562"]);
    expect(decimals([0.561, 0.57, Number.NaN])).toEqual(["0.56", "0.57", "–"]);
    expect(decimals([0.5, 0.5])).toEqual(["0.50", "0.50"]);
  });
});
