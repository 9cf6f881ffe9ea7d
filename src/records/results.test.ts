import { describe, expect, it } from "vitest";

import { results, SCHEMA_VERSION } from "./index.ts";

const nothing = { networks: [], values: [], failures: [] };
const scored = {
  schemaVersion: SCHEMA_VERSION,
  metric: { name: "loss", unit: "number", higherIsBetter: false, reason: "its name says so" },
  classification: null,
  scores: {
    heldOut: nothing,
    originals: { networks: [0, 2], values: [0.5, null], failures: [{ network: 2, problem: "it printed nothing" }] },
    samples: nothing,
    shuffled: nothing,
  },
  autoencoder: { type: "linear", varianceExplained: null, latent: 4, range: { min: -1, max: 1, sd: 0.5 } },
  seconds: { collect: 1 },
};

describe("results", () => {
  it("reads null as NaN when a number is expected", () => {
    expect(results.parse(scored).autoencoder?.varianceExplained).toBeNaN();
  });

  it("keeps null when a network has no score", () => {
    expect(results.parse(scored).scores?.originals.values).toEqual([0.5, null]);
  });

  it.each([
    ["of another version", { schemaVersion: SCHEMA_VERSION + 1 }],
    ["without a version", { schemaVersion: undefined }],
    ["with a score that is no number", { scores: { ...scored.scores, samples: { ...nothing, values: ["high"] } } }],
    ["with a field missing", { seconds: undefined }],
  ])("refuses a record %s", (_, change) => {
    expect(results.safeParse({ ...scored, ...change }).success).toBe(false);
  });
});
