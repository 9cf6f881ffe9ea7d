import { describe, expect, it } from "vitest";

import { madeUpAudit } from "../report/audit.fixture.ts";
import { auditWithEvidence } from "../report/evidence.fixture.ts";
import { audit } from "./audit.ts";
import { SCHEMA_VERSION } from "./version.ts";

const written = JSON.parse(JSON.stringify(madeUpAudit(20)));

describe("audit", () => {
  it("is read as it was written", () => {
    expect(audit.parse(written)).toEqual(madeUpAudit(20));
  });

  it("is read as it was written with all evidence, and without it where it is older", () => {
    const whole = JSON.parse(JSON.stringify(auditWithEvidence));
    expect(audit.parse(whole)).toEqual(auditWithEvidence);
    const { collage: _, straightWay: __, trainingScale: ___, diversity: ____, ...older } = whole;
    delete older.copying.pull.fresh;
    expect(audit.parse(older)).toEqual({
      ...auditWithEvidence,
      ...{ collage: null, straightWay: null, trainingScale: null, diversity: null },
      copying: { ...auditWithEvidence.copying, pull: { ...auditWithEvidence.copying.pull, fresh: Number.NaN } },
    });
  });

  it("keeps null where there is no metric, no threshold and nothing that was costed", () => {
    const nothing = { metric: null, acceptanceThreshold: null, cost: null, trajectory: null, similarityByCount: null };
    expect(audit.parse({ ...written, ...nothing })).toMatchObject(nothing);
  });

  it.each([
    ["of another version", { schemaVersion: SCHEMA_VERSION + 1 }],
    ["with an unknown verdict", { verdict: { name: "fine", rule: "", meaning: "" } }],
    ["with a group of no family", { groups: [{ ...written.groups[0], family: "mine" }] }],
    ["with a field missing", { remarks: undefined }],
  ])("refuses a record %s", (_, change) => {
    expect(audit.safeParse({ ...written, ...change }).success).toBe(false);
  });
});
