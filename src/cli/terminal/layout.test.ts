import pc from "picocolors";
import { describe, expect, it } from "vitest";

import { blocks, hanging, indented, layOut, lines, list, table } from "./layout.ts";

const linesOf = (text: string) => text.split("\n");

describe("layOut", () => {
  it("wraps prose between words, each line as it is indented", () => {
    expect(layOut("one two three\n  four five six", 9)).toBe("one two\nthree\n  four\n  five\n  six");
  });

  it("leaves every line whole where the width is not limited", () => {
    const text = `${"word ".repeat(100)}end`;
    expect(layOut(text, Infinity)).toBe(text);
  });

  it("never breaks a word, such as a path", () => {
    expect(layOut("see runs/a-long-name/report.html there", 10)).toBe("see\nruns/a-long-name/report.html\nthere");
  });

  it("keeps the thousands and the unit of a number together", () => {
    expect(layOut("in all 12 345 678 of them, 1.5 GB and 98.2 %", 16)).toBe(
      "in all\n12 345 678 of\nthem, 1.5 GB and\n98.2 %",
    );
  });

  it("counts no colours as width", () => {
    const { cyan } = pc.createColors(true);
    expect(layOut(`${cyan("one")} two three`, 7)).toBe(`${cyan("one")} two\nthree`);
  });
});

describe("hanging", () => {
  it("begins further lines below the first word after the prefix", () => {
    expect(layOut(hanging("fit       ", "explains a part of what differs"), 36)).toBe(
      "fit       explains a part of what\n          differs",
    );
  });

  it("measures a coloured prefix by what is seen of it", () => {
    const prefix = `${pc.createColors(true).yellow("warning")}  `;
    expect(layOut(hanging(prefix, "that is very little, and less"), 34)).toBe(
      `${prefix}that is very little, and\n         less`,
    );
  });
  it("sets prose below a prefix that leaves little room", () => {
    const text = layOut(hanging("  pdiff run glyphs-cnn   ", "a whole experiment"), 40);
    expect(text).toBe("  pdiff run glyphs-cnn\n    a whole experiment");
  });
});

describe("blocks, lines and indented", () => {
  it("pass the width on to their parts", () => {
    const inner = (columns: number) => String(columns);
    expect(layOut(blocks("a", indented(lines("b", inner))), 10)).toBe("a\n\n  b\n  8");
  });
});

describe("list", () => {
  const pairs = [
    ["a", "1"],
    ["bcd", "two three four five six seven eight nine ten"],
  ] as const;

  it("aligns the values", () =>
    expect(layOut(list(pairs), Infinity)).toBe("a    1\nbcd  two three four five six seven eight nine ten"));

  it("wraps values beside their labels when there is room", () =>
    expect(layOut(list(pairs), 40)).toBe("a    1\nbcd  two three four five six seven eight\n     nine ten"));

  it("sets values below their labels when there is little room", () =>
    expect(layOut(list(pairs), 30)).toBe("a\n  1\nbcd\n  two three four five six\n  seven eight nine ten"));

  it("keeps short values beside their labels on any terminal", () =>
    expect(layOut(list([["a", "1"]]), 20)).toBe("a  1"));
});

describe("table", () => {
  const rows = [
    ["network", "mean ± sd", "best by selection", "note"],
    ["originals", "97.31 ± 0.24", "98.00", "a"],
    ["samples", "9.10 ± 0.30", "–", ""],
  ];

  it("aligns text to the left, numbers to the right, and trims lines", () => {
    expect(layOut(table(rows), Infinity)).toBe(
      [
        "network       mean ± sd  best by selection  note",
        "originals  97.31 ± 0.24              98.00  a",
        "samples     9.10 ± 0.30                  –",
      ].join("\n"),
    );
  });

  it("sets titles in several lines when they are too wide", () => {
    expect(layOut(table(rows), 40)).toBe(
      [
        "                           best by",
        "network       mean ± sd  selection  note",
        "originals  97.31 ± 0.24      98.00  a",
        "samples     9.10 ± 0.30          –",
      ].join("\n"),
    );
  });

  it("leaves out optional columns, the first one first, until it fits", () => {
    const text = layOut(table(rows, { optional: ["note", "mean ± sd"] }), 38);
    expect(linesOf(text)[1]).toBe("network       mean ± sd  selection");
    expect(layOut(table(rows, { optional: ["note", "mean ± sd"] }), 33)).not.toContain("sd");
  });

  it("wraps a last column of prose", () => {
    const prose = [
      ["file", "what to do"],
      ["zoo/0001.safetensors", "collect again with the command that made it"],
    ];
    expect(layOut(table(prose), 46)).toBe(
      [
        "file                  what to do",
        "zoo/0001.safetensors  collect again with the",
        "                      command that made it",
      ].join("\n"),
    );
  });

  it("makes a list of each row when nothing else fits", () => {
    expect(linesOf(layOut(table(rows), 26))).toEqual([
      "originals",
      "  mean ± sd",
      "    97.31 ± 0.24",
      "  best by selection",
      "    98.00",
      "  note",
      "    a",
      "samples",
      "  mean ± sd",
      "    9.10 ± 0.30",
      "  best by selection",
      "    –",
    ]);
  });

  it("is the header when there are no rows", () => expect(layOut(table([["run", "state"]]), 80)).toBe("run  state"));

  it("escapes control characters", () => {
    const text = layOut(table([["name"], ["\u001b[2Jx"], ["a\nb"]]), 80);
    expect(text).toBe("name\n\\u{1b}[2Jx\na\\u{a}b");
  });

  it("fits every width for which its words have room", () => {
    for (let columns = 20; columns < 120; columns++) {
      const text = layOut(table(rows, { optional: ["note"] }), columns);
      expect(Math.max(...linesOf(text).map((line) => line.length))).toBeLessThanOrEqual(columns);
    }
  });
});
