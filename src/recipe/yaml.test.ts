import { describe, expect, it } from "vitest";

import { parseYaml } from "./yaml.ts";

describe("YAML is read", () => {
  it("with lists, maps and aliases", () => {
    expect(parseYaml("a: &x [1, two]\nb: { c: *x }\n? d\n: - - 3")).toEqual({
      a: [1, "two"],
      b: { c: [1, "two"] },
      d: [[3]],
    });
  });

  it("as a text where indicators stand within one", () => {
    const brackets = "[".repeat(200);
    expect(parseYaml(`a: "${brackets}"\nb: |\n  ${brackets}\n  ${"- ".repeat(200)}x`)).toEqual({
      a: brackets,
      b: `${brackets}\n${"- ".repeat(200)}x\n`,
    });
  });

  it("where a map has thousands of keys", () => {
    const keys = Array.from({ length: 10_000 }, (_, i) => [`k${i}`, i] as const);
    expect(parseYaml(keys.map(([key, value]) => `${key}: ${value}`).join("\n"))).toEqual(Object.fromEntries(keys));
  });
});

describe("YAML is refused at its place", () => {
  it.each([
    ["a key twice", "a: 1\nb:\n  c: 1\n  c: 2", "Map keys must be unique at line 4, column 3"],
    [
      "a list that contains itself",
      "a: 1\nb: &b [1, [*b]]",
      "the alias b is within what it stands for at line 2, column 12",
    ],
    ["a key that is a list", "? [a]\n: 1", "a key is a list or a map, expected a name at line 1, column 3"],
    ["a bracket too much", "a: 1\nb: ]", / at line 2, column 4$/],
    ["tens of thousands of mistakes", `{${",".repeat(60_000)}}`, / at line 1, column 3$/],
  ])("%s", (_, text, message) => {
    expect(() => parseYaml(text)).toThrow(message);
  });

  it.each([
    ["brackets", "[".repeat(60_000)],
    ["maps in brackets", "{a: ".repeat(15_000)],
    ["keys that are maps, on one line", "? ".repeat(400)],
    ["keys that are maps, thousands of them", "? ".repeat(30_000)],
    ["lists on one line", "- ".repeat(30_000)],
    ["lines that are each indented further", Array.from({ length: 300 }, (_, i) => `${" ".repeat(i)}a:`).join("\n")],
    ["names on one line in brackets", `{${"a: ".repeat(20_000)}}`],
  ])("endless nesting of %s", (_, text) => {
    expect(() => parseYaml(text)).toThrow("it is nested more than 64 levels deep");
  });
});
