/** The curves of a run's trainings, from its journal. */
import type { Curve } from "../report/index.ts";
import { readMetrics } from "./journal.ts";
import type { Paths } from "./paths.ts";
import { labelOf, type ProgressId } from "./progress-items.ts";

/** The loss curves of a run, one for each training that the report shows, in their order in time. */
export async function curvesOf(p: Paths): Promise<Curve[]> {
  const byTask = new Map<string, { step: number; value: number }[]>();
  for (const { task, step, loss } of await readMetrics(p)) {
    if (typeof loss !== "number") continue;
    const points = byTask.get(task) ?? [];
    points.push({ step, value: loss });
    byTask.set(task, points);
  }
  const order: readonly ProgressId[] = [
    "train-base",
    "collect-zoo",
    "train-separate",
    "fit-autoencoder",
    "fit-denoiser",
  ];
  return order.flatMap((id) => {
    const points = byTask.get(id);
    return points === undefined ? [] : [{ name: labelOf(id), unit: "loss", log: true, points }];
  });
}
