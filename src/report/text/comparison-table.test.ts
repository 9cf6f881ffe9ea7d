import { describe, expect, it } from "vitest";

import { emptyAudit } from "../audit.fixture.ts";
import { run } from "../report.fixture.ts";
import { scoredAudit } from "../user-metric.fixture.ts";
import { comparisonTable, differentMetrics } from "./comparison-table.ts";

const one = { name: "one", audit: run.audit };

describe("the table of a comparison", () => {
  it("has the verdict and the numbers of every run", () => {
    const { columns, rows } = comparisonTable([one, { name: "two", audit: emptyAudit }]);
    for (const { cells } of rows) expect(cells).toHaveLength(columns.length);
    expect(rows[0]?.cells[0]).toBe("average-like");
    expect(rows[0]?.cells[columns.indexOf("samples")]).toMatch(/^\d\d\.\d\d\u00a0%$/);
    expect(rows[0]?.cells[columns.indexOf("above best baseline")]).toBe("−0.09 [−0.17, −0.02]");
    expect(rows[1]?.cells[0]).toBe("undecided");
  });

  it("says of a run that it is not audited", () => {
    const { rows } = comparisonTable([one, { name: "two", audit: undefined }]);
    expect(rows[1]?.cells.slice(0, 2)).toEqual(["not audited yet", "–"]);
  });

  it("names scores when runs have different metrics", () => {
    const runs = [one, { name: "two", audit: scoredAudit }];
    expect([differentMetrics(runs), differentMetrics([one, { name: "two", audit: undefined }])]).toEqual([true, false]);
    expect(comparisonTable(runs).rows[1]?.cells[1]).toBe("accuracy & more 0.950");
  });
});
