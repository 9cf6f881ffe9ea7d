/** Made-up evidence about separate trainings, for tests of the report. */
import type { Audit, Family } from "../records/index.ts";
import { madeUpAudit } from "./audit.fixture.ts";

const unitsOf = (name: string, family: Family, median: number, donors: number) => ({
  name,
  family,
  networks: 100,
  low: 0.7 * median,
  median,
  high: 1.1 * median,
  belowHalf: median < 0.5 ? 1 : 0.008,
  nearer: median < 0.5 ? 1 : 1 - median / 2,
  donors,
});

const wayOf = (name: string, family: Family, change: number) => ({
  name,
  family,
  networks: 20,
  accuracy: [0.9, 0.91, 0.92, 0.92, 0.93],
  low: change - 0.01,
  median: change,
  high: change + 0.012,
});

const worthOf = (name: string, family: Family, accuracy: number, steps: number) => ({
  name,
  family,
  accuracy,
  steps: { value: steps, low: 0.9 * steps, high: 1.1 * steps },
  within: 0.33,
  freshWithin: 0.67,
});

/** An audit of separate trainings, with all evidence. */
export const auditWithEvidence: Audit = {
  ...madeUpAudit(200),
  byUnits: true,
  copying: {
    ...madeUpAudit(200).copying,
    pull: {
      share: 0.583,
      p: 0.012,
      seen: 200,
      unseen: 100,
      fresh: 0.495,
      baselines: [
        { family: "average", share: 0.986 },
        { family: "gaussian", share: 0.75 },
      ],
    },
  },
  collage: {
    units: 16,
    rows: [
      unitsOf("held-out", "heldOut", 1, 15.4),
      unitsOf("samples", "samples", 0.949, 15.4),
      unitsOf("crossover:16", "average", 0, 10.4),
    ],
  },
  straightWay: {
    images: 1000,
    places: [0, 0.25, 0.5, 0.75, 1],
    rows: [
      wayOf("samples", "samples", 0.009),
      wayOf("held-out", "heldOut", -0.015),
      wayOf("average:2", "average", 0.018),
    ],
  },
  trainingScale: {
    networks: 20,
    steps: 1718,
    fresh: [27, 215, 1718].map((steps, i) => ({
      steps,
      accuracy: { value: 0.7 + 0.1 * i, low: 0.69 + 0.1 * i, high: 0.71 + 0.1 * i },
      within: 0.5 + 0.05 * i,
    })),
    worth: [
      worthOf("samples", "samples", 0.847, 230),
      worthOf("crossover:16", "average", 0.58, 27),
      worthOf("crossover:16 + 100 steps", "trained", 0.91, 1718),
    ],
  },
  diversity: {
    samples: { low: 0.91, median: 0.95, high: 0.98 },
    heldOut: { low: 0.95, median: 1, high: 1.04 },
  },
};
