import { describe, expect, it } from "vitest";

import { type BenchResult, compare, readResult } from "./compare.ts";

const row = (name: string, ours: number, torch: number | null = null, peakShare: number | null = null) => ({
  case: name,
  ours,
  spread: 0.02 * ours,
  torch,
  ratio: torch === null ? null : torch / ours,
  peakShare,
});
const of = (...cases: BenchResult["cases"]): BenchResult => ({ cases });

describe("results of two runs", () => {
  it("are compared by the ratio to PyTorch where both have it: a machine that is busy slows both", () => {
    expect(compare(of(row("a", 10, 12)), of(row("a", 20, 24)))).toEqual([
      { case: "a", by: "ratio to PyTorch", factor: 1, slower: false },
    ]);
    expect(compare(of(row("a", 10, 12)), of(row("a", 20, 12)))[0]).toMatchObject({ factor: 2, slower: true });
  });

  it("are compared by the share of the peak, or by time, where they have not", () => {
    expect(compare(of(row("a", 10, 12, 0.5)), of(row("a", 20, null, 0.25)))[0]).toMatchObject({
      by: "share of the peak",
      factor: 2,
    });
    expect(compare(of(row("a", 10)), of(row("a", 15)))[0]).toMatchObject({ by: "time", factor: 1.5, slower: true });
  });

  it("are the same within a tenth and their spread, and only of cases that both have", () => {
    const changes = compare(of(row("a", 10), row("b", 1)), of(row("a", 11.3), row("c", 1)));
    expect(changes.map((change) => [change.case, change.slower])).toEqual([["a", false]]);
  });

  it("are read as they were printed, and nothing else is", () => {
    const result = of(row("a", 10, 12, 0.5));
    expect(readResult(JSON.stringify({ threads: 1, ...result }))).toEqual(result);
    expect(() => readResult('{"cases": [{"case": "a"}]}')).toThrow();
  });
});
