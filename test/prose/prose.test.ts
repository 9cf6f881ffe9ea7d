import { describe, expect, it } from "vitest";

import { findingsIn } from "./prose.ts";

const problems = (path: string, text: string): string[] =>
  findingsIn(path, text).map(({ line, problem }) => `${line}: ${problem}`);

const words = (length: number): string => "word ".repeat(length / 5).trimEnd();

describe("findingsIn", () => {
  it("names the line, the word and the usual term when a listed word is used", () => {
    expect(problems("docs/a.md", "# A\n\nThe rivals are drawn.")).toEqual(['3: "rivals": write baselines']);
  });

  it("finds a listed word inside names of any form", () => {
    const found = problems("src/a.ts", "const rivalDraws = of(fromRivals, RIVAL_COUNT, MOST_NAMED);");
    expect(found).toHaveLength(4);
    expect(found).toContain('1: "MOST_NAMED": write MAX_');
  });

  it("leaves words alone that only contain a listed one", () => {
    expect(
      problems("src/a.ts", "// notebooks, arrivals, a prejudged case, almost_all\nconst toldest = UTMOST_X;"),
    ).toEqual([]);
  });

  it("finds a phrase across the lines of a comment", () => {
    expect(problems("src/a.ts", "/**\n * Computed but\n * once.\n */")).toEqual(['2: "but once": write only once']);
  });

  it("refuses long lines of comments, and leaves long lines of code to the formatter", () => {
    const text = [
      `// ${words(120)}`,
      `const a = "${words(120)}";`,
      "/**",
      ` * ${words(120)}`,
      " */",
      `f(${words(120)})`,
    ];
    expect(problems("src/a.ts", text.join("\n")).map((found) => found.split(" ")[0])).toEqual(["1:", "4:"]);
  });

  it("takes a comment as ended when its line closes it", () => {
    expect(problems("src/a.ts", `/** Short. */\nconst a = "${words(120)}";`)).toEqual([]);
  });

  it("refuses long lines of documents, tables and blocks of code aside", () => {
    const text = [words(120), `| ${words(120)} |`, "```", words(120), "```", words(120)];
    expect(problems("docs/a.md", text.join("\n")).map((found) => found.split(" ")[0])).toEqual(["1:", "6:"]);
  });

  it("does not count the target of a link", () => {
    const target = "x".repeat(90);
    expect(problems("docs/a.md", `[here](${target}) and https://example.org/${target}`)).toEqual([]);
  });

  it("refuses long comments of recipes", () => {
    expect(problems("recipes/a.yaml", `# ${words(120)}\nname: a`)).toHaveLength(1);
  });

  it("allows the words of an exception, and no others", () => {
    expect(problems("test/compare/renames.ts", "rivals: baselines, told")).toHaveLength(1);
  });
});
