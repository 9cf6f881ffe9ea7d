/** `pdiff collect`, `fit`, `sample`, `evaluate`, `report`: one stage of a run that exists. */

import type { StageName } from "../../run/index.ts";
import type { RunOptions } from "../../stages/index.ts";
import { conclude, execute } from "../execute.ts";
import { commandLine } from "../invocation.ts";
import type { Terminal } from "../terminal.ts";

export type StageOptions = Pick<RunOptions, "force" | "ignoreGate">;

/** Runs exactly one stage in the run's folder, with the run's own recipe. */
export async function runStage(
  terminal: Terminal,
  stage: StageName,
  run: string,
  options: StageOptions,
): Promise<void> {
  const { openRun } = await import("../../stages/index.ts");
  const { stageNames } = await import("../../run/index.ts");
  const { recipe, folder } = await openRun(run);
  await execute(terminal, { recipe, folder, stages: [stage], ...options });
  const next = stageNames[stageNames.indexOf(stage) + 1];
  await conclude(terminal, folder, next && commandLine(next, folder));
}
