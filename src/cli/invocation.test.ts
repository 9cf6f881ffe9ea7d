import { describe, expect, it } from "vitest";

import { commandToContinue, programName } from "./invocation.ts";

describe("the program's name", () => {
  const name = (script: string, cwd: string, path = "/usr/bin:/opt/bin") => programName(script, { cwd, path });

  it("is pdiff where the shell finds it", () => expect(name("/opt/bin/pdiff", "/opt/bin")).toBe("pdiff"));
  it("is pdiff where it was built", () => expect(name("/clone/dist/pdiff.js", "/clone")).toBe("pdiff"));
  it("is the way to a clone from where the user stands", () => {
    expect(name("/home/a/clone/pdiff", "/home/a/clone")).toBe("./pdiff");
    expect(name("/home/a/clone/pdiff", "/home/a")).toBe("clone/pdiff");
    expect(name("/home/a/clone/pdiff", "/home/a/clone/runs")).toBe("../pdiff");
  });
  it("is the whole path of a clone that is far away", () =>
    expect(name("/home/a/clone/pdiff", "/data/x/y")).toBe("/home/a/clone/pdiff"));
});

describe("the command to continue", () => {
  it("is the one that was typed, without starting over", () => {
    const command = commandToContinue(["run", "my recipe.yaml", "seed=2", "--force", "--run", "out"]);
    expect(command).toMatch(/ run 'my recipe\.yaml' seed=2 --run out$/);
  });
});
