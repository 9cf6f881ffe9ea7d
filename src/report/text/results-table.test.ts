import { describe, expect, it } from "vitest";

import type { Classification, ClassifierGroup } from "../../records/index.ts";
import { run, withClassification } from "../report.fixture.ts";
import { resultsTable } from "./results-table.ts";

const group = (
  accuracy: number,
  { count = 200, sd = 0.002, ...rest }: { count?: number; sd?: number } & Partial<ClassifierGroup> = {},
): ClassifierGroup => {
  const spread = { mean: accuracy, median: accuracy, best: accuracy, sd };
  const accuracies = { selection: [], test: [] };
  return { count, test: spread, selection: spread, chosenTest: accuracy, accuracies, ...rest };
};

const tableOf = (changes: Partial<Classification> = {}) => {
  const { classification } = withClassification(run, changes).results;
  if (classification === null) throw new Error("there is no classification");
  return resultsTable(classification);
};

const table = (changes: Partial<Classification>) => {
  const { columns, rows } = tableOf(changes);
  return (title: string, column: string) =>
    rows.find(({ cells }) => cells[0] === title)?.cells[columns.indexOf(column)];
};

const MEAN = "mean\u00a0±\u00a0sd";

describe("the table of results", () => {
  it("has a row for each group of networks, in the order of the method", () => {
    expect(tableOf().columns[0]).toBe("test accuracy, %");
    expect(tableOf().rows.map(({ cells }) => cells[0])).toEqual([
      "originals",
      "ensemble (average of weights)",
      "reconstructions",
      "samples",
    ]);
  });

  it("leaves out reconstructions when there is no autoencoder", () => {
    const names = tableOf({ reconstructions: null }).rows.map(({ name }) => name);
    expect(names).not.toContain("reconstructions");
  });

  it("has a cell for each column in every row", () => {
    const { columns, rows } = tableOf();
    for (const { cells } of rows) expect(cells).toHaveLength(columns.length);
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

  it("has the best by selection beside the paper's best by test", () => {
    const cell = table({
      samples: group(0.97, { test: { mean: 0.97, median: 0.97, best: 0.99, sd: 0 }, chosenTest: 0.98 }),
    });
    expect(cell("samples", "best by selection")).toBe("98.00");
    expect(cell("samples", "best by test (paper)")).toBe("99.00");
  });

  it("shows a third decimal when two different values of a column would read the same", () => {
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

  it("shows two decimals when values differ by rounding only", () => {
    const cell = table({
      originals: group(0.1 + 0.2),
      ensemble: group(0.3, { count: 1 }),
      reconstructions: group(0.4),
      samples: group(0.5),
    });
    expect(cell("originals", "median")).toBe("30.00");
  });

  it("shows a third decimal when a network is nearly perfect", () => {
    const cell = table({ samples: group(0.99998) });
    expect(cell("samples", "median")).toBe("99.998");
  });

  it("gives no spread when there is a single network", () => {
    const cell = table({ samples: group(0.9, { count: 1, sd: 0 }) });
    expect(cell("samples", MEAN)).toBe("90.00");
  });

  it("shows a dash when a value is not known", () => {
    const cell = table({ samples: group(Number.NaN, { count: 0 }) });
    expect(cell("samples", MEAN)).toBe("–");
    expect(cell("samples", "best by selection")).toBe("–");
    expect(cell("originals", MEAN)).toMatch(/^\d\d\.\d\d ± /);
  });
});
