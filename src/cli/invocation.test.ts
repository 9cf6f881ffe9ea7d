import { describe, expect, it } from "vitest";

import { commandToContinue, programName, withProgramName } from "./invocation.ts";

describe("programName", () => {
  const name = (script: string, cwd: string, path = "/usr/bin:/opt/bin", byManager = false) =>
    programName(script, { cwd, path, byManager });

  it("is pdiff when the shell finds it", () => expect(name("/opt/bin/pdiff", "/opt/bin")).toBe("pdiff"));
  it("is pdiff when the built program runs", () => expect(name("/clone/dist/pdiff.js", "/clone")).toBe("pdiff"));
  it("is the relative path when a clone is near", () => {
    expect(name("/home/a/clone/pdiff", "/home/a/clone")).toBe("./pdiff");
    expect(name("/home/a/clone/pdiff", "/home/a")).toBe("clone/pdiff");
    expect(name("/home/a/clone/pdiff", "/home/a/clone/runs")).toBe("../pdiff");
  });
  it("is the whole path when a clone is far away", () =>
    expect(name("/home/a/clone/pdiff", "/data/x/y")).toBe("/home/a/clone/pdiff"));
  it("is the other name that the package is installed under, when that was typed", () => {
    expect(name("/opt/bin/nnd", "/data")).toBe("nnd");
    expect(name("/opt/bin/neural-network-diffusion", "/data")).toBe("neural-network-diffusion");
  });
  it("is the path in a project when that was typed", () =>
    expect(name("/a/project/node_modules/.bin/pdiff", "/a/project")).toBe("node_modules/.bin/pdiff"));
  it("is npx and the package's name when npx found it, whatever it was called", () => {
    for (const called of ["pdiff", "nnd", "neural-network-diffusion"])
      expect(name(`/a/project/node_modules/.bin/${called}`, "/a/project", "/a/project/node_modules/.bin", true)).toBe(
        "npx neural-network-diffusion",
      );
    expect(name("C:\\a\\node_modules\\neural-network-diffusion\\dist\\pdiff.js", "/a", "", true)).toBe(
      "npx neural-network-diffusion",
    );
  });
  it("is the path of a clone when npm start runs it", () =>
    expect(name("/a/clone/pdiff", "/a/clone", "/a/clone/node_modules/.bin:/usr/bin", true)).toBe("./pdiff"));
  it("is pdiff when npm runs a global one that the shell finds", () =>
    expect(name("/opt/bin/pdiff", "/a", "/a/node_modules/.bin:/opt/bin", true)).toBe("pdiff"));
});

describe("commandToContinue", () => {
  it("is the command that was typed, without --force", () => {
    const command = commandToContinue(["run", "my recipe.yaml", "seed=2", "--force", "--run", "out"]);
    expect(command).toMatch(/ run 'my recipe\.yaml' seed=2 --run out$/);
  });
});

describe("withProgramName", () => {
  const renamed = (text: string) => withProgramName(text, "./pdiff");

  it("names the program in the commands of a message as the user types it", () => {
    expect(renamed("fit it again: pdiff fit runs/a --force, or (pdiff runs)")).toBe(
      "fit it again: ./pdiff fit runs/a --force, or (./pdiff runs)",
    );
  });
  it("leaves paths and other mentions of the program alone", () => {
    const text = "/data/pdiff runs/a, ./pdiff run b and a model made with pdiff 0.1.0";
    expect(renamed(text)).toBe(text);
  });
  it("keeps a path of the program with a dollar sign as it is", () =>
    expect(withProgramName("pdiff runs", "/a/$&/pdiff")).toBe("/a/$&/pdiff runs"));
});
