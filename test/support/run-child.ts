/**
 * Runs the tiny recipe in a process of its own, to a certain end: node --import tsx run-child.ts
 * ORDERS, an `Orders` as JSON.
 */
import { writeSync } from "node:fs";

import { run, tinyRecipe } from "./tiny-run.ts";

export interface Orders {
  readonly folder: string;
  /** Of the tiny recipe. */
  readonly parts: Readonly<Record<string, unknown>>;
  /** The work, and the number of its steps after which the process … */
  readonly task: string;
  readonly step: number;
  /** … is killed after this many milliseconds; null: prints a line and waits. */
  readonly killAfterMs: number | null;
}

const { folder, parts, task, step, killAfterMs }: Orders = JSON.parse(process.argv[2]!);
const kill = () => process.kill(process.pid, "SIGKILL");
let steps = 0;
await run(folder, {
  recipe: tinyRecipe(parts),
  emit(event) {
    if (event.type !== "progress" || event.item.label !== task || ++steps !== step) return;
    if (killAfterMs === null) {
      writeSync(1, "holding\n");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    } else if (killAfterMs === 0) kill();
    else setTimeout(kill, killAfterMs);
  },
});
