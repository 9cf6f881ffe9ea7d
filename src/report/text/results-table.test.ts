import { describe, expect, it } from "vitest";

import type { Classification, ClassifierGroup } from "../../records/index.ts";
import type { Images } from "../input.ts";
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

  it("shows as many decimals as one image of the split changes", () => {
    const classification = { ...run.results.classification, samples: group(0.97314) } as Classification;
    const cells = (images: Images) => resultsTable(classification, images).rows.at(-1)?.cells ?? [];
    expect(cells({ test: 4_000, selection: 1_000 })[3]).toBe("97.31");
    expect(cells({ test: 500, selection: 1_000 })[3]).toBe("97.3");
    expect(cells({ test: 4_000, selection: 100 }).at(-1)).toBe("97");
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
