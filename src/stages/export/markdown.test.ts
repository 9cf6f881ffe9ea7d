import { describe, expect, it } from "vitest";

import { markdownBlock, markdownCode, markdownText, pythonText } from "./markdown.ts";

describe("names from outside in Markdown", () => {
  it.each([
    ["plain words", "plain words"],
    ["a|b", "a\\|b"],
    ["<script>alert`1`</script>", "\\<script\\>alert\\`1\\`\\</script\\>"],
    ["[x](http://y)", "\\[x\\]\\(http\\://y\\)"],
    ["a\n# b", "a\\\\u\\{a\\}\\# b"],
  ])("%j shows as it is within a text", (text, expected) => {
    expect(markdownText(text)).toBe(expected);
  });

  it.each([
    ["fc.weight", "`fc.weight`"],
    ["a`b``c", "```a`b``c```"],
    ["`a", "`` `a ``"],
    ["a|b\nc", "`a\\|b\\u{a}c`"],
    ["", "`  `"],
  ])("%j is one piece of code", (name, expected) => {
    expect(markdownCode(name)).toBe(expected);
  });

  it("cannot end a block of code", () => {
    expect(markdownBlock("yaml", "a: |\n  ```\n  # b")).toBe("````yaml\na: |\n  ```\n  # b\n````");
  });

  it("are cut where they are long", () => {
    expect(markdownText("a".repeat(10_000)).length).toBeLessThanOrEqual(10_000);
    expect(markdownCode("a".repeat(10_000)).length).toBeLessThan(300);
  });

  it("are one line of ASCII in Python", () => {
    expect(pythonText('a\nimport os; os.system("x")\u2028é')).toBe('"a\\nimport os; os.system(\\"x\\")\\u2028\\u00e9"');
  });
});
