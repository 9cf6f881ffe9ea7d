/** The curves of a run's trainings, from its journal. */
import type { Curve } from "../records/index.ts";
import { readMetrics } from "./journal.ts";
import type { Paths } from "./paths.ts";
import { progressItem } from "./progress-items.ts";

/** The trainings that have a curve, in the order in which they are shown. */
const TRAININGS = ["train-base", "collect-zoo", "train-zoo", "fit-autoencoder", "fit-denoiser"] as const;

/** Loss curves, one for each training. */
export async function curvesOf(p: Paths): Promise<Curve[]> {
  const byTask = new Map<string, { step: number; value: number }[]>();
  for (const { task, step, loss } of await readMetrics(p)) {
    if (typeof loss !== "number") continue;
    const points = byTask.get(task) ?? [];
    points.push({ step, value: loss });
    byTask.set(task, points);
  }
  return TRAININGS.flatMap((id) => {
    const points = byTask.get(id);
    return points === undefined ? [] : [{ id, name: progressItem(id).label, unit: "loss", log: true, points }];
  });
}
