import { describe, expect, it } from "vitest";

import { madeUpAudit } from "./audit.fixture.ts";
import {
  familyOf,
  freshNouns,
  groupNamed,
  groupOf,
  hasPredictions,
  isAbsolute,
  isBaseline,
  setting,
  shortLabel,
} from "./audit-groups.ts";

const audit = madeUpAudit(10);

describe("groups of an audit", () => {
  it("are found by name and by family", () => {
    expect(groupNamed(audit, "average:4")?.family).toBe("average");
    expect(groupOf(audit, "average")?.name).toBe("interpolate");
    expect(groupNamed(audit, "nobody")).toBeUndefined();
  });

  it("count as references when the audit does not list them", () => {
    expect(familyOf(audit, "swag")).toBe("gaussian");
    expect(familyOf(audit, "nobody")).toBe("references");
  });

  it("are baselines when they need no diffusion model", () => {
    expect(audit.groups.filter(({ family }) => isBaseline(family))).toHaveLength(19);
    expect(isBaseline("samples")).toBe(false);
  });

  it("have no predictions when no group has similarities", () => {
    const groups = audit.groups.map((group) => ({ ...group, similarity: null }));
    expect([hasPredictions(audit), hasPredictions({ ...audit, groups })]).toEqual([true, false]);
  });

  it("are held-out networks where these stand for fresh ones, else originals", () => {
    const groups = audit.groups.filter(({ family }) => family !== "heldOut");
    expect([audit, { ...audit, groups }].map((each) => freshNouns(each).others)).toEqual([
      "held-out networks",
      "other originals",
    ]);
  });

  it("are called by their setting", () => {
    expect(["average:16", "average:all", "swag"].map(setting)).toEqual(["16", "all", "swag"]);
    expect(
      ["average:16", "matched-average:16", "pca-gaussian:50", "pair-average", "noise-absolute:0.1"].map(shortLabel),
    ).toEqual(["16", "matched 16", "pca 50", "pair-average", "0.1"]);
    expect(["noise:0.5", "noise-absolute:0.1"].map(isAbsolute)).toEqual([false, true]);
  });
});
