import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { csv } from "./csv.ts";

/** Reads what RFC 4180 describes. */
function parsed(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

describe("a table as CSV", () => {
  it("gives back every text and number when it is read", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }))), (rows) => {
        const [header, ...read] = parsed(csv({ columns: ["name", "value"], rows }));
        expect(header).toEqual(["name", "value"]);
        expect(read.map(([name, value]) => [name, Number(value)])).toEqual(
          rows.map(([name, value]) => [/^[=+\-@\t\r]/.test(name) ? `'${name}` : name, value + 0]),
        );
      }),
    );
  });

  it("quotes text when it would be read as several cells", () => {
    expect(csv({ columns: ["a,b"], rows: [['say "x"'], ["two\nlines"]] })).toBe(
      '"a,b"\r\n"say ""x"""\r\n"two\nlines"\r\n',
    );
  });

  it("keeps spreadsheets from taking names for formulas, and numbers as they are", () => {
    const table = csv({
      columns: ['=HYPERLINK("x")', "a"],
      rows: [
        ["@SUM(1)", -1],
        ["-2+3", 2],
        ["+1", 3],
      ],
    });
    expect(table).toBe('"\'=HYPERLINK(""x"")",a\r\n\'@SUM(1),-1\r\n\'-2+3,2\r\n\'+1,3\r\n');
  });

  it("leaves cells empty when their numbers are not finite", () => {
    expect(csv({ columns: ["x", "y"], rows: [[Number.NaN, Number.POSITIVE_INFINITY]] })).toBe("x,y\r\n,\r\n");
  });
});
