import { describe, expect, it } from "vitest";

import { UserError } from "../errors.ts";
import { failureOf, Stopped } from "./failure.ts";

describe("a failure", () => {
  it.each([
    ["E_USAGE", 2],
    ["E_CONFIG", 2],
    ["E_DATA", 3],
    ["E_CHECKPOINT", 1],
    ["E_GATE", 1],
  ] as const)("of the user's making (%s) is one line and exits with %d", (code, exitCode) => {
    expect(failureOf(new UserError(code, "got 3,\n  expected 4"), false)).toEqual({
      text: "pdiff: got 3, expected 4",
      exitCode,
    });
  });

  it("of ours shows its stack and asks for a report", () => {
    const { text, exitCode } = failureOf(new TypeError("x is not a function"), false);
    expect(text).toMatch(/^TypeError: x is not a function\n +at [\s\S]*\npdiff: this is a bug; please report/);
    expect(exitCode).toBe(1);
  });

  it("that is no Error at all is shown too", () =>
    expect(failureOf("odd", false).text).toMatch(/^odd\npdiff: this is a bug/));

  it("is an object with code and message for programs", () => {
    const parsed = (error: unknown) => JSON.parse(failureOf(error, true).text);
    expect(parsed(new UserError("E_DATA", "no such set"))).toEqual({
      error: { code: "E_DATA", message: "no such set" },
    });
    expect(parsed(new Error("oops"))).toEqual({ error: { code: "E_BUG", message: "oops" } });
    expect(parsed(new Stopped("saved", 130))).toEqual({ error: { code: "E_INTERRUPTED", message: "saved" } });
  });

  it("is none of the user's or ours when the user stopped the work", () => {
    expect(failureOf(new Stopped("saved; continue with: pdiff run a.yaml", 143), false)).toEqual({
      text: "saved; continue with: pdiff run a.yaml",
      exitCode: 143,
    });
  });
});
