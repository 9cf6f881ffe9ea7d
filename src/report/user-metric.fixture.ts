/**
 * A made-up run whose networks have one score each by a user's metric, for tests of the report.
 */
import { type Audit, type AuditGroup, type Family, type Quantiles, SCHEMA_VERSION } from "../records/index.ts";
import { emptyAudit } from "./audit.fixture.ts";
import type { ReportInput } from "./input.ts";

const quantiles = (median: number): Quantiles => ({ low: median - 0.1, median, high: median + 0.1 });

/** Four networks around a score, or none scored. */
export function scoredGroup(name: string, family: Family, score: number | null, distance: number): AuditGroup {
  const places = [0, 1, 2, 3];
  return {
    name,
    family,
    count: places.length,
    failed: score === null ? places.length : 0,
    score:
      score === null
        ? null
        : {
            mean: { value: score, low: score - 0.02, high: score + 0.02 },
            median: score,
            best: score + 0.03,
            sd: 0.01,
          },
    raw: quantiles(2 * distance),
    distance: quantiles(distance),
    similarity: null,
    kappa: Number.NaN,
    novel: {},
    points: {
      score: places.map((i) => (score === null ? null : score + 0.01 * i)),
      distance: places.map((i) => distance + 0.05 * i),
      greatest: [],
    },
  };
}

/** The audit of networks with one score each. */
export const scoredAudit: Audit = {
  ...emptyAudit,
  verdict: {
    name: "average-like",
    label: "average-like",
    rule: "They are averages of <originals>.",
    meaning: "Nothing new.",
  },
  metric: { name: "accuracy & more", unit: "number", higherIsBetter: true, reason: "as was said" },
  acceptanceThreshold: { value: 0.9, heldOut: 4, chance: 0.1, cleared: { value: 0.5, low: 0.2, high: 0.8 } },
  groups: [
    scoredGroup("originals", "originals", 0.92, 0.9),
    scoredGroup("held-out", "heldOut", 0.93, 1),
    scoredGroup("samples", "samples", 0.95, 0.7),
    scoredGroup("shuffled", "references", 0.1, 3),
    scoredGroup("average:4", "average", 0.96, 0.8),
    scoredGroup("gaussian", "gaussian", 0.9, 1.1),
  ],
  excess: [
    {
      family: "average",
      through: ["average:4"],
      excess: { value: -0.01, low: -0.03, high: 0.01 },
      exact: { value: -0.01, low: -0.03, high: 0.01 },
      tolerance: 0.05,
      beyond: 0,
      reaches: true,
    },
  ],
  copying: {
    zu: -1.2,
    null: quantiles(0),
    p: 0.2,
    nearer: false,
    distance: 0.7,
    copies: {
      near: 1,
      alike: 0,
      count: 1,
      samples: 200,
      similarity: Number.NaN,
      fresh: { count: 0, networks: 50 },
      p: 1,
    },
    farthest: 0.6,
    pull: null,
    radius: 0.5,
  },
  collapse: Number.NaN,
  performance: null,
  averaging: {
    within: null,
    between: null,
    toMean: 0.6,
    nearMean: true,
    apart: 0.7,
    repeated: false,
    signature: true,
  },
  failures: [{ group: "samples", network: 3, problem: "it ended with exit code 1 (<b>no</b> module)" }],
  remarks: ["Something to be kept in mind."],
};

/** The run of `scoredAudit`. */
export const scoredRun: ReportInput = {
  title: "my & ckpts",
  audit: scoredAudit,
  results: {
    schemaVersion: SCHEMA_VERSION,
    metric: scoredAudit.metric,
    classification: null,
    scores: null,
    autoencoder: { type: "linear", varianceExplained: 1, latent: 5, range: { min: -1, max: 1, sd: 0.5 } },
    seconds: { collect: 1, fit: 20 },
  },
  curves: [],
  provenance: [["seed", "1"]],
  recipe: "name: mine",
  images: null,
};
