/**
 * A process that evaluates: it is told a run and then one task after another, and answers with its progress. It does
 * nothing that its parent would not do in the same way, and ends when its parent does.
 */
import { loadTask } from "./context.ts";
import { type Judge, type JudgeTask, openJudge } from "./judge.ts";
import { loadRecipe, requireNetwork } from "./recipe.ts";
import { paths } from "./run-folder.ts";
import { withOwnNetwork } from "./task-network.ts";

/** From the parent. */
export type Order = { type: "open"; folder: string } | { type: "task"; task: JudgeTask };
/** To the parent. */
export type Answer =
  | { type: "ready" }
  | { type: "images"; more: number }
  | { type: "failed"; message: string; code?: string };

const answer = (message: Answer) => process.send?.(message);

let judge: Judge | undefined;

async function obey(order: Order): Promise<void> {
  if (order.type === "open") {
    const p = paths(order.folder);
    const recipe = requireNetwork(withOwnNetwork(await loadRecipe(p.config), p), "to evaluate");
    judge = await openJudge(recipe, p, await loadTask(recipe));
  } else await judge?.run(order.task, (more) => void answer({ type: "images", more }));
  answer({ type: "ready" });
}

process.on("message", (order: Order) => {
  obey(order).catch((error: Error & { code?: string }) => {
    answer({ type: "failed", message: error.message, ...(error.code !== undefined && { code: error.code }) });
  });
});
process.on("disconnect", () => process.exit(0));
// Ctrl-C reaches every process of a terminal; the parent decides when this one ends.
process.on("SIGINT", () => {});
