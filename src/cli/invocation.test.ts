import { describe, expect, it } from "vitest";

import { commandToContinue, programName } from "./invocation.ts";

describe("programName", () => {
  const name = (script: string, cwd: string, path = "/usr/bin:/opt/bin") => programName(script, { cwd, path });

  it("is pdiff when the shell finds it", () => expect(name("/opt/bin/pdiff", "/opt/bin")).toBe("pdiff"));
  it("is pdiff when the built program runs", () => expect(name("/clone/dist/pdiff.js", "/clone")).toBe("pdiff"));
  it("is the relative path when a clone is near", () => {
    expect(name("/home/a/clone/pdiff", "/home/a/clone")).toBe("./pdiff");
    expect(name("/home/a/clone/pdiff", "/home/a")).toBe("clone/pdiff");
    expect(name("/home/a/clone/pdiff", "/home/a/clone/runs")).toBe("../pdiff");
  });
  it("is the whole path when a clone is far away", () =>
    expect(name("/home/a/clone/pdiff", "/data/x/y")).toBe("/home/a/clone/pdiff"));
});

describe("commandToContinue", () => {
  it("is the command that was typed, without --force", () => {
    const command = commandToContinue(["run", "my recipe.yaml", "seed=2", "--force", "--run", "out"]);
    expect(command).toMatch(/ run 'my recipe\.yaml' seed=2 --run out$/);
  });
});
