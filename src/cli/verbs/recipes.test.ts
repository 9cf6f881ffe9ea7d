import { describe, expect, it } from "vitest";

import { call, program } from "../spawn.fixture.ts";

const pdiff = (...words: string[]) => call(program, words, { cwd: import.meta.dirname });

describe("pdiff recipes", () => {
  it("lists the recipes that contain all words, and prints the next command", async () => {
    const { code, stdout, stderr } = await pdiff("recipes", "main", "food-101", "resnet18");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^recipe +group +data +network +generated +K +published +measured +one core$/m);
    expect(stdout).toMatch(/^food101_resnet18 +main +food-101 +resnet18 /m);
    expect(stdout.trimEnd().split("\n")).toHaveLength(2);
    expect(stderr).toMatch(/^next: \S+ run food101_resnet18 --quick$/m);
  });

  it("says so when no recipe contains all words", async () => {
    expect(await pdiff("recipes", "nothing-like-it", "--quiet")).toEqual({
      code: 0,
      stdout: "no recipe has all of: nothing-like-it\n",
      stderr: "",
    });
  });
});
