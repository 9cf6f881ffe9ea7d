import { describe, expect, it } from "vitest";

import { run } from "../report.fixture.ts";
import type { Group, Results } from "../results.ts";
import { resultsTable } from "./results-table.ts";

const group = (
  accuracy: number,
  { count = 200, sd = 0.002, ...rest }: { count?: number; sd?: number } & Partial<Group> = {},
): Group => {
  const spread = { mean: accuracy, median: accuracy, best: accuracy, sd };
  return { count, test: spread, selection: spread, chosenTest: accuracy, ...rest };
};

const table = (groups: Partial<Results>) => {
  const [header, ...rows] = resultsTable({ ...run.results, ...groups });
  return (row: string, column: string) => rows.find(([name]) => name === row)![header!.indexOf(column)];
};

const MEAN = "mean\u00a0±\u00a0sd";

describe("the table of results", () => {
  it("has a row for each group of networks, in the order of the method", () => {
    expect(resultsTable(run.results).map(([name]) => name)).toEqual([
      "test accuracy, %",
      "originals",
      "ensemble (average of weights)",
      "reconstructions",
      "samples",
    ]);
  });

  it("leaves out reconstructions where there is no autoencoder", () => {
    const names = resultsTable({ ...run.results, reconstructions: null }).map(([name]) => name);
    expect(names).not.toContain("reconstructions");
  });

  it("is as wide in every row", () => {
    const widths = resultsTable(run.results).map((row) => row.length);
    expect(new Set(widths).size).toBe(1);
  });

  it("shows percentages with two decimals", () => {
    const cell = table({
      originals: group(0.9731),
      ensemble: group(0.982, { count: 1 }),
      reconstructions: group(0.9735),
      samples: group(0.97912, { sd: 0.0012 }),
    });
    expect(cell("samples", MEAN)).toBe("97.91 ± 0.12");
    expect(cell("originals", "median")).toBe("97.31");
  });

  it("keeps the honest best and the paper's best apart", () => {
    const cell = table({
      samples: group(0.97, { test: { mean: 0.97, median: 0.97, best: 0.99, sd: 0 }, chosenTest: 0.98 }),
    });
    expect(cell("samples", "best by selection")).toBe("98.00");
    expect(cell("samples", "best by test (paper)")).toBe("99.00");
  });

  it("shows a third decimal in a column where two different values would read the same, and only there", () => {
    const cell = table({
      originals: group(0.9731, { chosenTest: 0.98001 }),
      ensemble: group(0.95, { count: 1 }),
      reconstructions: group(0.96),
      samples: group(0.9791, { chosenTest: 0.98003 }),
    });
    expect(cell("originals", "best by selection")).toBe("98.001");
    expect(cell("samples", "best by selection")).toBe("98.003");
    expect(cell("ensemble (average of weights)", "best by selection")).toBe("95.000");
    expect(cell("samples", "median")).toBe("97.91");
  });

  it("leaves equal values at two decimals, whatever rounding error is between them", () => {
    const cell = table({
      originals: group(0.1 + 0.2),
      ensemble: group(0.3, { count: 1 }),
      reconstructions: group(0.4),
      samples: group(0.5),
    });
    expect(cell("originals", "median")).toBe("30.00");
  });

  it("does not round an imperfect network to a perfect one", () => {
    const cell = table({ samples: group(0.99998) });
    expect(cell("samples", "median")).toBe("99.998");
  });

  it("gives no spread for a single network", () => {
    const cell = table({ samples: group(0.9, { count: 1, sd: 0 }) });
    expect(cell("samples", MEAN)).toBe("90.00");
  });

  it("shows a dash for what is not known", () => {
    const cell = table({ samples: group(Number.NaN, { count: 0 }) });
    expect(cell("samples", MEAN)).toBe("–");
    expect(cell("samples", "best by selection")).toBe("–");
    expect(cell("originals", MEAN)).toMatch(/^\d\d\.\d\d ± /);
  });
});
