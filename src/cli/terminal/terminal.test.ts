import { afterEach, describe, expect, it, vi } from "vitest";

import { terminal } from "./terminal.ts";

/** What is written to stdout and stderr from now on. */
function capture() {
  const written = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      written[name] += text;
      return true;
    });
  return written;
}
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe("terminal", () => {
  it("prints results on stdout and messages on stderr", () => {
    const written = capture();
    const { result, say, warn } = terminal({ color: false });
    result({ a: 1 }, "text");
    say("message");
    warn("careful");
    expect(written).toEqual({ stdout: "text\n", stderr: "message\nwarning  careful\n" });
  });

  it("prints results and warnings only with --quiet", () => {
    const written = capture();
    const { result, say, warn } = terminal({ quiet: true, color: false });
    result({ a: 1 }, "text");
    say("message");
    warn("careful");
    expect(written).toEqual({ stdout: "text\n", stderr: "warning  careful\n" });
  });

  it("prints one document and keeps warnings for it with --json", () => {
    const written = capture();
    const { result, say, warn, warnings } = terminal({ json: true });
    warn("careful");
    say("message");
    result({ a: 1 }, "text");
    expect(written.stderr).toBe("");
    expect(JSON.parse(written.stdout)).toEqual({ a: 1 });
    expect(warnings).toEqual(["careful"]);
  });

  it.each([
    ["FORCE_COLOR is set", { FORCE_COLOR: "1" }, {}, true],
    ["NO_COLOR is set", { FORCE_COLOR: "1", NO_COLOR: "1" }, {}, false],
    ["--no-color is given", { FORCE_COLOR: "1" }, { color: false }, false],
    ["FORCE_COLOR is 0 and stderr is no terminal", { FORCE_COLOR: "0" }, {}, false],
  ] as const)("decides on colours when %s", (_, env, options, isColoured) => {
    vi.stubEnv("NO_COLOR", "");
    vi.stubEnv("TERM", "dumb");
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    expect(terminal(options).colours.red("x") !== "x").toBe(isColoured);
  });
});
