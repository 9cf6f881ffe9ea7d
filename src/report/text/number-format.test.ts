import { describe, expect, it } from "vitest";

import {
  compact,
  decimal,
  decimals,
  duration,
  percent,
  percentDigits,
  probability,
  shareText,
  significant,
  whole,
} from "./number-format.ts";

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

describe("the decimals of a percentage", () => {
  it.each([
    [50, 0],
    [100, 0],
    [200, 1],
    [1_000, 1],
    [4_000, 2],
    [10_000, 2],
    [1_000_000, 2],
    [0, 2],
    [Number.NaN, 2],
  ])("of %d images are %d", (count, digits) => expect(percentDigits(count)).toBe(digits));

  it("is one of a share of networks", () => expect(shareText(0.25)).toBe("25.0\u00a0%"));
});

describe("numbers beside each other", () => {
  it("have equally many decimals", () => {
    expect(decimals([0.561, 0.57, Number.NaN])).toEqual(["0.56", "0.57", "–"]);
  });

  it("have three significant digits, zeros too, when their size is not known", () => {
    expect([0.16, 0.172, 12, -0.05, 0.9996, 0, 1234, 1e-5].map((value) => significant(value))).toEqual([
      "0.160",
      "0.172",
      "12.0",
      "−0.0500",
      "1.00",
      "0.00",
      "1\u202f234",
      "1e−5",
    ]);
  });
});

it("a probability has three decimals, or is below the least that these show", () => {
  expect([0.38, 0.0009, 0.001].map(probability)).toEqual(["0.380", "below 0.001", "0.001"]);
});
