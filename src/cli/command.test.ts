import { Command } from "commander";
import { describe, expect, it } from "vitest";

import { stageNames } from "../run/index.ts";
import { betterOption, examples, stageSummaries, terminalOf, wholeNumber } from "./command.ts";

const parse = (option: ReturnType<typeof wholeNumber>, ...words: string[]): Record<string, unknown> => {
  const command = new Command("x")
    .addOption(option)
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  return command.parse(words, { from: "user" }).opts();
};

describe("wholeNumber", () => {
  it("parses a whole number", () =>
    expect(parse(wholeNumber("--count <n>", ""), "--count", "12")).toEqual({ count: 12 }));

  it.each(["0", "-1", "1.5", "1e3", "", "1234567890"])("refuses %j", (text) => {
    expect(() => parse(wholeNumber("--count <n>", ""), "--count", text)).toThrow(/Expected a whole number from 1/);
  });
});

describe("betterOption", () => {
  it("accepts only higher and lower", () => {
    expect(parse(betterOption(), "--better", "lower")).toEqual({ better: "lower" });
    expect(() => parse(betterOption(), "--better", "more")).toThrow(/higher, lower/);
  });
});

describe("examples", () => {
  it("puts the program's name before each line", () => {
    const context = { error: false, command: new Command() };
    expect(examples("run a.yaml", "doctor")(context)).toMatch(/^\nExamples:\n {2}\S+ run a\.yaml\n {2}\S+ doctor$/);
  });
});

describe("examples with explanations", () => {
  it("puts what they do below them where the help is narrow, and keeps the commands whole", () => {
    const command = new Command().configureHelp({ helpWidth: 40 });
    const text = examples(
      "run a.yaml  does all of it and more of it",
      `run ${"b".repeat(50)}`,
    )({
      error: false,
      command,
    });
    const [, , first = "", second = "", last = ""] = text.split("\n");
    expect(first.length).toBeLessThanOrEqual(40);
    expect(second).toBe("    does all of it and more of it");
    expect(last).toMatch(/b{50}$/);
  });
});

describe("stageSummaries", () => {
  it("describes every stage", () => expect(Object.keys(stageSummaries)).toEqual([...stageNames]));
});

describe("terminalOf", () => {
  it("reads the global options of a nested command", () => {
    const root = new Command("x").option("--json").option("-q, --quiet");
    const nested = root.command("runs").action(() => {});
    root.parse(["--quiet", "runs"], { from: "user" });
    expect(terminalOf(nested).silent).toBe(true);
  });
});
