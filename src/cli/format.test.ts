import { execFileSync } from "node:child_process";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { bytes, clock, count, elapsed, measure, perStep, printable, roughly, shell } from "./format.ts";

describe("numbers", () => {
  it.each([
    [0, "0"],
    [999, "999"],
    [1000, "1 000"],
    [12345678, "12 345 678"],
  ])("separates the thousands of a count: %d", (n, text) => expect(count(n)).toBe(text));

  it.each([
    [0.012345, "0.0123"],
    [-1.5, "-1.5"],
    [0.00001234, "0.0000123"],
    [1.234e-8, "1.23e-8"],
    [1234.5, "1235"],
    [2, "2"],
    [Number.NaN, "NaN"],
  ])("rounds measurements to three significant digits: %d", (value, text) => expect(measure(value)).toBe(text));

  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [999.9, "1 kB"],
    [21_340, "21.3 kB"],
    [999_600, "1 MB"],
    [1.5e9, "1.5 GB"],
    [5e15, "5000 TB"],
  ])("shows sizes in decimal units: %d", (size, text) => expect(bytes(size)).toBe(text));
});

describe("times", () => {
  it.each([
    [0, "0:00"],
    [11.6, "0:12"],
    [59.7, "1:00"],
    [725, "12:05"],
    [3723, "1:02:03"],
  ])("clock: %d s", (seconds, text) => expect(clock(seconds)).toBe(text));

  it.each([
    [0.04, "0.0 s"],
    [9.97, "10 s"],
    [59.6, "1:00"],
    [3723, "1:02:03"],
  ])("elapsed: %d s", (seconds, text) => expect(elapsed(seconds)).toBe(text));

  it.each([
    [0.2, "under 1 s"],
    [35.2, "35 s"],
    [240, "4 min"],
    [5400, "1.5 h"],
    [100_000, "28 h"],
  ])("roughly: %d s", (seconds, text) => expect(roughly(seconds)).toBe(text));

  it.each([
    [0.0004, "0.4 ms/step"],
    [0.041, "41 ms/step"],
    [1.23, "1.2 s/step"],
  ])("perStep: %d s", (seconds, text) => expect(perStep(seconds)).toBe(text));
});

describe("printable", () => {
  it("cuts long text", () => expect(printable("x".repeat(50), 10)).toBe(`${"x".repeat(9)}…`));

  it("never contains a control character", () => {
    const character = fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code));
    fc.assert(
      fc.property(fc.array(character), (text) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(printable(text.join("")))),
    );
  });
});

describe("shell", () => {
  it("keeps plain words", () => expect(shell(["run", "a/b.yaml", "zoo.count=50"])).toBe("run a/b.yaml zoo.count=50"));

  it("quotes words so that a shell reads them back", () => {
    const words = ["a b", "it's", "$HOME", "`id`", "", "*", "ü", "a\nb", "--x=[1, 2]"];
    const printed = execFileSync("sh", ["-c", `printf '%s\\0' ${shell(words)}`], { encoding: "utf8" });
    expect(printed.split("\0").slice(0, -1)).toEqual(words);
  });
});
