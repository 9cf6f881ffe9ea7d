/** Originals after a few more steps of their training. A sample must differ more than these do. */
import { at } from "../../lookup.ts";
import { concatenate } from "../../numeric/index.ts";
import { foldIn } from "../../random/index.ts";
import { progressItem, tensorsUnder } from "../../run/index.ts";
import { trainClassifier } from "../../zoo/index.ts";
import { trainingOf } from "../collect/task-training.ts";
import type { StageContext } from "../context.ts";
import { type DrawnGroup, drawnGroup } from "./baselines.ts";

/** Trains some evenly chosen originals a few steps more, at the learning rate of the zoo. */
export async function fineTune(context: StageContext, originals: readonly Float32Array[]): Promise<DrawnGroup> {
  const { recipe, paths: p } = context;
  const task = await context.task();
  const { chosen, network } = task;
  const { steps } = recipe.audit.fineTuned;
  const count = Math.min(recipe.audit.fineTuned.count, originals.length);
  return drawnGroup("fine-tuned", p.fineTuned, chosen.size, async () => {
    const names = new Set(chosen.entries.map((e) => e.name));
    const base = await tensorsUnder(p, chosen, network.layout);
    const common = trainingOf(context, task, { ...recipe.zoo, schedule: { type: "constant", warmup: 0 } });
    const tuned = [];
    for (let i = 0; i < count; i++) {
      tuned.push(
        await trainClassifier({
          ...common,
          steps,
          key: foldIn(context.key, "fine-tune", i),
          statistics: recipe.zoo.batchNorm === "train" ? "batch" : "running",
          frozen: new Map([...base].filter(([name]) => !names.has(name))),
          start: at(originals, Math.floor((i * originals.length) / count)),
          onStep: (done, loss) =>
            context.progress(progressItem("fine-tune"), i * steps + done, count * steps, { loss }),
        }),
      );
    }
    return concatenate(tuned);
  });
}
