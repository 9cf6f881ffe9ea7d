import { describe, expect, it } from "vitest";

import { UserError } from "../errors.ts";
import { failureOf, Stopped } from "./failure.ts";

describe("failureOf", () => {
  it.each([
    ["E_USAGE", 2],
    ["E_CONFIG", 2],
    ["E_DATA", 3],
    ["E_CHECKPOINT", 1],
    ["E_GATE", 1],
  ] as const)("prints one line when it is a mistake of the user: %s exits with %d", (code, exitCode) => {
    expect(failureOf(new UserError(code, "got 3,\n  expected 4"), false)).toEqual({
      text: "pdiff: got 3, expected 4",
      exitCode,
    });
  });

  it("shows the stack and asks for a report when it is a bug", () => {
    const { text, exitCode } = failureOf(new TypeError("x is not a function"), false);
    expect(text).toMatch(/^TypeError: x is not a function\n +at [\s\S]*\npdiff: this is a bug; please report/);
    expect(exitCode).toBe(1);
  });

  it.each([
    ["memory is refused", new RangeError("Array buffer allocation failed"), /no more memory .*ulimit -v/],
    [
      "memory for WebAssembly is refused",
      new RangeError("WebAssembly.instantiate(): Out of memory: Cannot allocate Wasm memory for new instance"),
      /no more memory .*ulimit -v/,
    ],
    [
      "a library does not fit into memory",
      Object.assign(new Error("libonnxruntime.so.1: failed to map segment from shared object"), {
        code: "ERR_DLOPEN_FAILED",
      }),
      /no more memory .*ulimit -v/,
    ],
    [
      "a library is of another system",
      Object.assign(new Error("x.node: invalid ELF header\nat …"), { code: "ERR_DLOPEN_FAILED" }),
      /x\.node: invalid ELF header\); install the packages again/,
    ],
  ])("prints one line when %s", (_, error, text) => {
    expect(failureOf(error, false)).toEqual({ text: expect.stringMatching(text), exitCode: 1 });
    expect(failureOf(error, false).text).toMatch(/^pdiff: [^\n]+$/);
  });

  it("shows thrown values that are no errors", () =>
    expect(failureOf("odd", false).text).toMatch(/^odd\npdiff: this is a bug/));

  it("prints an object with code and message with --json", () => {
    const parsed = (error: unknown) => JSON.parse(failureOf(error, true).text);
    expect(parsed(new UserError("E_DATA", "no such set"))).toEqual({
      error: { code: "E_DATA", message: "no such set" },
    });
    expect(parsed(new Error("oops"))).toEqual({ error: { code: "E_BUG", message: "oops" } });
    expect(parsed(new Stopped("saved", 130))).toEqual({ error: { code: "E_INTERRUPTED", message: "saved" } });
  });

  it("prints only the message when the user stopped the run", () => {
    expect(failureOf(new Stopped("saved; continue with: pdiff run a.yaml", 143), false)).toEqual({
      text: "saved; continue with: pdiff run a.yaml",
      exitCode: 143,
    });
  });
});
