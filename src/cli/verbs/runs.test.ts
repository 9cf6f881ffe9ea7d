import { describe, expect, it } from "vitest";

import { call, program } from "../spawn.fixture.ts";

const pdiff = (...words: string[]) => call(program, words, { cwd: import.meta.dirname });

describe("pdiff runs", () => {
  it("prints an empty list when there are no runs", async () => {
    expect(await pdiff("runs")).toMatchObject({ code: 0, stdout: "no runs in runs\n" });
    expect(await pdiff("runs", "--json")).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
  });
});
