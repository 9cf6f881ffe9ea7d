import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";

import { FOLDED_ROWS, tableHtml } from "./table.ts";

const rows = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ name: `row ${i}`, family: "noise", cells: [`${i} [0, 1]`] }) as const);

const parse = (html: string) => parseHTML(`<main>${html}</main>`).document;

describe("a table", () => {
  it("has a name, a heading for every column, and a mark for every row with a family", () => {
    const document = parse(tableHtml({ label: "a < b", columns: ["<c>"], bodies: [{ rows: rows(1) }] }));
    expect(document.querySelector("[role=region]")?.getAttribute("aria-label")).toBe("a < b");
    expect([...document.querySelectorAll("th[scope=col]")].map(({ textContent }) => textContent)).toEqual(["<c>"]);
    expect(document.querySelector("tr.noise th")?.textContent).toBe("row 0");
  });

  it("can put an interval on a line of its own", () => {
    const document = parse(tableHtml({ label: "a", columns: ["b"], bodies: [{ rows: rows(1) }] }));
    expect(document.querySelector("td .interval")?.textContent).toBe("[0, 1]");
    expect(document.querySelector("tbody td")?.textContent).toBe("0 [0, 1]");
  });

  it("is whole when it is short", () => {
    const html = tableHtml({ label: "a", columns: ["b"], bodies: [{ rows: rows(FOLDED_ROWS) }] });
    expect(html).not.toContain("more");
    expect(html).not.toContain("checkbox");
  });

  it("has all its rows when it is long, and folds all but the first ones", () => {
    const bodies = [
      { title: "A", rows: rows(FOLDED_ROWS + 1) },
      { title: "B", rows: [{ name: "last", cells: ["9"] }] },
    ];
    const document = parse(tableHtml({ label: "a", columns: ["b"], bodies }));
    expect(document.querySelectorAll("tbody tr:not(.more) th[scope=row]")).toHaveLength(FOLDED_ROWS);
    expect(document.querySelectorAll("tbody tr.more")).toHaveLength(2);
    expect(document.querySelector("tbody.more th[scope=rowgroup]")?.textContent).toBe("B");
    expect(document.querySelector("label")?.textContent?.trim()).toBe(`All ${FOLDED_ROWS + 2} rows`);
    const some = parse(tableHtml({ label: "a", columns: ["b"], bodies, first: new Set(["last"]) }));
    const shown = [...some.querySelectorAll("tbody:not(.more) tr:not(.more) th[scope=row]")];
    expect(shown.map(({ textContent }) => textContent)).toEqual(["last"]);
  });
});
