/** The curves of a run's trainings, from its journal. */
import type { Curve } from "../report/index.ts";
import { readMetrics } from "./journal.ts";
import type { Paths } from "./paths.ts";

/** Loss curves, one for each training. */
export async function curvesOf(p: Paths): Promise<Curve[]> {
  const byTask = new Map<string, { step: number; value: number }[]>();
  for (const { task, step, loss } of await readMetrics(p)) {
    if (typeof loss !== "number") continue;
    const points = byTask.get(task) ?? [];
    points.push({ step, value: loss });
    byTask.set(task, points);
  }
  const order = [
    "training the network",
    "collecting checkpoints",
    "training separate networks",
    "training the autoencoder",
    "training the denoiser",
  ];
  return order.flatMap((name) => {
    const points = byTask.get(name);
    return points === undefined ? [] : [{ name, unit: "loss", log: true, points }];
  });
}
