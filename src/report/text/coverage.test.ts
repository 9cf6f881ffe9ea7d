import { describe, expect, it } from "vitest";

import { emptyAudit, madeUpAudit } from "../audit.fixture.ts";
import { coverage } from "./coverage.ts";

const audit = madeUpAudit(20);
const text = (changes = {}) => coverage({ ...audit, ...changes }).join("\n");

describe("what the audit covers", () => {
  it("counts the baselines and gives the audit's remarks", () => {
    expect(text()).toContain("19 settings of baselines, 1\u202f801 networks in all");
    for (const remark of audit.remarks) expect(text()).toContain(remark);
    expect(text()).not.toContain("Not covered");
  });

  it("lists what is missing when parts of the audit are missing", () => {
    expect(text({ trajectory: null, frontier: [] })).toContain(
      "Not covered: the sampler’s trajectory was not evaluated; there are no snapshots",
    );
    expect(coverage(emptyAudit).join("\n")).toContain("compared with no baselines");
  });

  it("says that only parameters count when no metric scored the networks", () => {
    expect(text({ metric: null })).toContain("the verdict rests on parameters alone");
  });

  it("says what cannot be examined when there are scores but no predictions", () => {
    const groups = audit.groups.map((group) => ({ ...group, similarity: null }));
    expect(text({ groups })).toContain("Each network has one score, its accuracy");
    expect(text({ groups })).not.toContain("Intervals are over networks and test images");
  });

  it("does not warn of the order of hidden units when distances do not depend on it", () => {
    expect(text()).toContain("order of their hidden units");
    expect(text({ byUnits: true })).not.toContain("order of their hidden units");
  });
});
