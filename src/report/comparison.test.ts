import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";

import { renderComparison } from "./comparison.ts";
import { run } from "./report.fixture.ts";
import { scoredAudit } from "./user-metric.fixture.ts";

const runs = [
  { name: "one", audit: run.audit },
  { name: "<two>", audit: undefined },
];

const pageOf = async (input: Parameters<typeof renderComparison>[0]) => {
  const html = await renderComparison(input);
  return { html, document: parseHTML(html).document };
};

describe("the page of a comparison", () => {
  it("has the verdicts, one figure and what differs between the recipes", async () => {
    const { html, document } = await pageOf({
      runs,
      differences: [{ name: "<two>", changes: ["zoo.count: 200 → <100>"] }],
    });
    const heads = [...document.querySelectorAll("#runs thead th")].map(({ textContent }) => textContent);
    expect(heads).toEqual(["one", "<two>"]);
    expect(document.querySelectorAll("#runs tbody tr")).toHaveLength(8);
    expect(document.querySelector("#runs .unfold")).toBeNull();
    expect(document.querySelector("#runs")?.textContent).toContain("Not audited yet: <two>.");
    expect(document.querySelectorAll("figure")).toHaveLength(1);
    expect(document.querySelector("#recipes li")?.textContent).toBe("zoo.count: 200 → <100>");
    expect(html).not.toMatch(/<two>|<100>|NaN|undefined/);
  });

  it("says why there is no figure, and that recipes are the same", async () => {
    const different = [...runs, { name: "three", audit: scoredAudit }];
    const { document } = await pageOf({ runs: different, differences: [{ name: "three", changes: [] }] });
    expect(document.querySelector("#figure")?.textContent).toContain("scored by different metrics");
    expect(document.querySelector("#recipes")?.textContent).toContain("The same recipe.");
    const bare = await pageOf({ runs: [{ name: "a", audit: undefined }], differences: [] });
    expect(bare.document.querySelector("#figure")?.textContent).toContain("No run has scores");
  });
});
