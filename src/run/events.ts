/** The events of a run. The library only emits them; terminals, pages and tests listen. */
import type { ProgressItem } from "./progress-items.ts";

export const stageNames = ["collect", "fit", "sample", "evaluate", "audit", "report"] as const;
/**
 * The name of a stage.
 * @category Progress and errors
 */
export type StageName = (typeof stageNames)[number];

/**
 * An event of a run.
 * @category Progress and errors
 */
export type RunEvent =
  | {
      type: "run";
      folder: string;
      name: string;
      resumed: boolean;
      /** What this call has to do, in this order; other stages are done already. */
      stages: readonly StageName[];
    }
  | {
      /** The recipe has changed: before anything is deleted, what stays and what is made again. */
      type: "redo";
      changes: readonly { readonly key: string; readonly from: unknown; readonly to: unknown }[];
      kept: readonly StageName[];
      redone: readonly StageName[];
    }
  | { type: "stage"; stage: StageName; state: "started" | "finished" | "already done"; seconds?: number }
  | {
      type: "progress";
      stage: StageName;
      item: ProgressItem;
      step: number;
      total: number;
      values: Readonly<Record<string, number>>;
    }
  | { type: "note" | "warning"; stage: StageName; text: string };
