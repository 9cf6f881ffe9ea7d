/** What the audit gathers before its statistics: groups of networks, and what only figures show. */
import type { AuditInput } from "../../evaluation/index.ts";
import type { Audit, Failure } from "../../records/index.ts";

/** The parts of the audit's record that follow from no statistics of groups. */
export type AuditFigures = Pick<
  Audit,
  | "byUnits"
  | "collage"
  | "straightWay"
  | "trainingScale"
  | "diversity"
  | "ensembles"
  | "otherData"
  | "cost"
  | "trajectory"
  | "embeddings"
  | "distributions"
  | "frontier"
>;

/** Figures of a run of which nothing but scores and distances are known. */
export const noFigures: AuditFigures = {
  byUnits: false,
  collage: null,
  straightWay: null,
  trainingScale: null,
  diversity: null,
  ensembles: [],
  otherData: null,
  cost: null,
  trajectory: null,
  embeddings: [],
  distributions: [],
  frontier: [],
};

export interface Gathered {
  readonly input: Omit<AuditInput, "key">;
  readonly figures: AuditFigures;
  /** Networks that the metric failed on. */
  readonly failures: readonly Failure[];
  readonly remarks: readonly string[];
}
