import { describe, expect, it } from "vitest";

import { accuracyPhrases, digits, percent, phrasesOf } from "./verdict-phrases.ts";

it("a number has enough digits not to read 0 unless it is 0", () => {
  expect([digits(1.25, 1), digits(0.0004, 2), digits(-0.5, 1), digits(1e-12, 2)]).toEqual([
    "1.3",
    "0.0004",
    "−0.5",
    "0.00",
  ]);
  expect(percent(0.123)).toBe("12.3 %");
});

describe("the phrases for accuracies", () => {
  it("say in points by how much samples are better or worse, the nearer end first", () => {
    const { relation } = accuracyPhrases;
    expect(relation({ value: 0.0031, low: 0.0012, high: 0.005 })).toBe("0.31 points [0.12, 0.50] above");
    expect(relation({ value: -0.01, low: -0.02, high: 0.003 })).toBe("1.00 points [−0.30, 2.00] below");
  });

  it("show two shares with enough digits to differ", () => {
    const facts = { acceptanceThreshold: 0.9, chance: 0.1, medianSample: 0.69996, working: 0.7 };
    expect(accuracyPhrases.broken(facts)).toContain("is right on 69.996 % of the selection images, below 70.000 %");
  });
});

describe("the phrases for a user's metric", () => {
  const loss = phrasesOf({ name: "loss", unit: "number", higherIsBetter: false, reason: "its name says so" });

  it("are those for accuracies where it is a fraction", () => {
    expect(phrasesOf({ name: "f1", unit: "fraction", higherIsBetter: true, reason: "" })).toBe(accuracyPhrases);
  });

  it("say in its unit by how much samples are better or worse", () => {
    expect(loss.score).toBe("loss");
    expect(loss.relation({ value: 0.12345, low: 0.1, high: 0.2 })).toBe("0.123 [0.1, 0.2] better than");
    expect(loss.relation({ value: -2, low: -3, high: 1 })).toBe("2 [−1, 3] worse than");
  });

  it("show scores, not the utilities that turn them round", () => {
    const facts = { acceptanceThreshold: -0.5, chance: -4, medianSample: -3, working: -1.375 };
    expect(loss.broken(facts)).toMatch(
      /^The median sample's loss is 3, where at least 1\.38 is needed.*of 0\.5 has.*\(4\)\.$/,
    );
  });
});
