import { describe, expect, it } from "vitest";

import type { Audit } from "../../records/index.ts";
import { emptyAudit } from "../audit.fixture.ts";
import { auditWithEvidence } from "../evidence.fixture.ts";
import { run } from "../report.fixture.ts";
import { scoredRun } from "../user-metric.fixture.ts";
import { type KeyNumberName, keyNumbers } from "./key-numbers.ts";

const of = (changes: Partial<Audit>, first: KeyNumberName = "score") =>
  keyNumbers({ ...run, audit: { ...run.audit, ...changes } }, first);

describe("the key numbers", () => {
  it("are four, that of the verdict first", () => {
    const sources = of({}, "excess").map(({ source }) => source);
    expect(sources).toEqual(["excess", "score-distance", "nearest-distance", "nearest-distance"]);
    expect(of({ collapse: 0.4 }, "collapse")[0]?.label).toBe("Distance to the next sample");
  });

  it("say the accuracy of samples with that of held-out networks and of originals", () => {
    expect(of({})[0]).toMatchObject({
      label: "Accuracy of the samples",
      value: expect.stringMatching(/^\d\d\.\d\d\u00a0%$/),
      note: expect.stringMatching(/^held-out networks .*\u00a0%, originals .*\u00a0%$/),
    });
  });

  it("say once whether samples are copies", () => {
    const labels = (first: KeyNumberName) =>
      keyNumbers({ ...run, audit: auditWithEvidence }, first).map(({ label }) => label);
    expect(auditWithEvidence.copying.pull).not.toBeNull();
    expect(labels("score")).toContain("Nearer to a network learned from than to an unseen one");
    expect(labels("score")).not.toContain("Samples that repeat an original");
    expect(labels("copies")).toContain("Samples that repeat an original");
    expect(labels("copies")).not.toContain("Nearer to a network learned from than to an unseen one");
  });

  it("are in units of a user's metric", () => {
    const numbers = keyNumbers(scoredRun, "excess");
    expect(numbers[0]).toMatchObject({ label: "Accuracy & more above the best baseline", value: "−0.010" });
    expect(numbers[1]).toMatchObject({ value: "0.950", note: "held-out networks 0.930, originals 0.920" });
  });

  it("are those that are known", () => {
    const known = keyNumbers({ ...scoredRun, audit: emptyAudit }, "score");
    for (const { value } of known) expect(value).not.toMatch(/–|NaN/);
    expect(of({ metric: null, acceptanceThreshold: null }, "excess").map(({ source }) => source)).not.toContain(
      "excess",
    );
  });
});
