import { describe, expect, it } from "vitest";
import { emptyAudit } from "../audit.fixture.ts";
import { auditWithEvidence } from "../evidence.fixture.ts";
import { type EvidenceTable, evidenceTables } from "./evidence-tables.ts";

const table = (title: string, audit = auditWithEvidence): EvidenceTable => {
  const found = evidenceTables(audit).find((each) => each.title === title);
  if (found === undefined) throw new Error(`there is no table ${title}`);
  return found;
};
const cellsOf = (of: EvidenceTable, name: string) => of.rows.find((row) => row.name === name)?.cells;

describe("the tables of evidence", () => {
  it("are there where the evidence is, each with how to read it, in one order", () => {
    expect(evidenceTables(emptyAudit)).toEqual([]);
    expect(evidenceTables(auditWithEvidence).map(({ title }) => title)).toEqual([
      "Seen against unseen",
      "Put together from units of originals?",
      "The straight way to the nearest original",
      "Worth in training steps",
      "Diversity",
    ]);
    for (const { reading } of evidenceTables(auditWithEvidence)) expect(reading).toMatch(/^[A-Z].*\.$/);
  });

  it("have a cell for every column", () => {
    for (const { columns, rows } of evidenceTables(auditWithEvidence))
      for (const { cells } of rows) expect(cells).toHaveLength(columns.length);
  });
});

describe("seen against unseen", () => {
  it("sets fresh networks and every kind of baseline beside the samples", () => {
    const { rows, reading } = table("Seen against unseen");
    expect(rows.map(({ name, cells }) => [name, ...cells])).toEqual([
      ["samples", "58.3"],
      ["fresh networks", "49.5"],
      ["averages", "98.6"],
      ["Gaussians", "75.0"],
    ]);
    expect(reading).toContain("with probability 0.012");
  });

  it("leaves out fresh networks where none were trained", () => {
    const { copying } = auditWithEvidence;
    const pull = { ...copying.pull!, fresh: Number.NaN, p: 0.0001 };
    const { rows, reading } = table("Seen against unseen", { ...auditWithEvidence, copying: { ...copying, pull } });
    expect(rows.map(({ name }) => name)).not.toContain("fresh networks");
    expect(reading).toContain("with probability below 0.001");
  });
});

describe("the collage", () => {
  it("tells how near units are and of how many originals", () => {
    const collage = table("Put together from units of originals?");
    expect(collage.columns.at(-2)).toBe("donors of 16 units");
    expect(cellsOf(collage, "crossover:16")).toEqual(["0.00", "0.00", "0.00", "100.0", "100.0", "10.4", "100"]);
    expect(cellsOf(collage, "samples")?.[1]).toBe("0.95");
  });
});

describe("the straight way", () => {
  it("has the accuracy at every place and the change from the worse end", () => {
    const way = table("The straight way to the nearest original");
    expect(way.columns).toEqual([
      "network",
      "25\u00a0%",
      "50\u00a0%",
      "75\u00a0%",
      "original",
      "change from the worse end",
      "networks",
    ]);
    expect(cellsOf(way, "samples")?.at(-2)).toBe("+0.9 [−0.1, 2.1]");
    expect(cellsOf(way, "held-out")?.at(-2)).toBe("−1.5 [−2.5, −0.3]");
    expect(way.reading).toContain("units matched");
    const plain = table("The straight way to the nearest original", { ...auditWithEvidence, byUnits: false });
    expect(plain.reading).not.toContain("units matched");
  });
});

describe("the worth in training steps", () => {
  it("has an interval, and says where the scale ends", () => {
    const worth = table("Worth in training steps");
    expect(cellsOf(worth, "samples")).toEqual(["84.70", "230 [207, 253]", "0.33", "0.67"]);
    expect(cellsOf(worth, "crossover:16")?.[1]).toBe("27 or fewer");
    expect(cellsOf(worth, "crossover:16 + 100 steps")?.[1]).toBe("1\u202f718 or more");
  });
});

describe("diversity", () => {
  it("sets held-out networks and fresh ones of the same accuracy beside the samples", () => {
    const diversity = table("Diversity");
    expect(diversity.rows.map(({ name }) => name)).toEqual(["samples", "held-out"]);
    expect(cellsOf(diversity, "samples")?.slice(0, 3)).toEqual(["0.91", "0.95", "0.98"]);
    expect(diversity.reading).toContain("share 0.67 of their mistakes");
    expect(table("Diversity", { ...auditWithEvidence, trainingScale: null }).reading).not.toContain("as accurate");
  });
});
