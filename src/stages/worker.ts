/**
 * A process that works for another: it is told a run and then one task after another, and answers with its progress. It does
 * nothing that its parent would not do in the same way, and ends when its parent does.
 */
import { Interrupted, throwIfAborted } from "../errors.ts";
import { loadRecipe, type Recipe, requireNetwork } from "../recipe/index.ts";
import { fileSaver, type Paths, paths, SAVE_EVERY_MS } from "../run/index.ts";
import { trainReference } from "./collect/references.ts";
import type { TrainingContext } from "./collect/task-training.ts";
import { type GroupTrainer, groupTrainer } from "./collect/training-groups.ts";
import { stepsOf } from "./collect/whole-training.ts";
import { isOnCurve, loadTask, runKey, type Task } from "./context.ts";
import { type Judge, openJudge } from "./evaluate/predict.ts";
import { withOwnNetwork } from "./network-of.ts";
import type { Answer, Order, Told, WorkerTask } from "./worker-messages.ts";

const answer = (message: Answer) => process.send?.(message);
const tell = (told: Told) => void answer({ type: "told", told });

const stop = new AbortController();

/** The run this process works for. */
interface Opened {
  readonly recipe: Recipe;
  readonly paths: Paths;
  readonly task: Task;
  readonly workers: number;
}
let opened: Opened | undefined;
let judge: Judge | undefined;
let trainer: GroupTrainer | undefined;

async function open(folder: string, workers: number): Promise<Opened> {
  const p = paths(folder);
  const recipe = requireNetwork(withOwnNetwork(await loadRecipe(p.config), p), "to work");
  return { recipe, paths: p, task: await loadTask(recipe), workers };
}

async function work(order: WorkerTask): Promise<void> {
  const { recipe, paths: p, task, workers } = opened!;
  if (order.kind === "judge") {
    judge ??= await openJudge(recipe, p, task);
    return judge.run(order.task, (more) => {
      throwIfAborted(stop.signal);
      tell({ kind: "images", more });
    });
  }
  const context: TrainingContext = {
    ...{ recipe, paths: p, signal: stop.signal, key: runKey(recipe), task: async () => task },
    saver: (path) => fileSaver(path, SAVE_EVERY_MS),
    // What is to be said, the parent says of what it does itself.
    ...{ progress: async () => {}, note: async () => {}, warn: async () => {} },
  };
  if (order.kind === "reference") {
    const last = stepsOf(recipe, task);
    return trainReference(context, task, order.reference, {
      processes: workers + 1,
      onStep: (done, loss) => {
        if (isOnCurve(done, last)) tell({ kind: "steps", done, losses: [loss] });
      },
    });
  }
  trainer ??= groupTrainer(context, task, workers);
  const { steps } = trainer;
  const report = seldom(tell);
  const losses = await trainer.train(order.group, (done, each) => {
    if (done < steps) report({ kind: "steps", done, losses: each });
  });
  tell({ kind: "steps", done: steps, losses });
}

/** Milliseconds between two answers about steps, of which there may be thousands a second. */
const TELL_EVERY_MS = 100;

function seldom(report: (told: Told) => void): (told: Told) => void {
  let last = 0;
  return (told) => {
    const now = performance.now();
    if (now - last < TELL_EVERY_MS) return;
    last = now;
    report(told);
  };
}

async function obey(order: Exclude<Order, { type: "stop" }>): Promise<void> {
  if (order.type === "open") opened = await open(order.folder, order.workers);
  else await work(order.task);
  answer({ type: "ready" });
}

process.on("message", (order: Order) => {
  if (order.type === "stop") return stop.abort();
  obey(order).catch((error: Error & { code?: string }) => {
    if (error instanceof Interrupted) answer({ type: "stopped" });
    else answer({ type: "failed", message: error.message, ...(error.code !== undefined && { code: error.code }) });
  });
});
process.on("disconnect", () => process.exit(0));
// Ctrl-C reaches every process of a terminal; the parent decides when this one ends.
process.on("SIGINT", () => {});
