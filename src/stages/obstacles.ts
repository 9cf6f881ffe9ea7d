/** What would stop a run, found before it starts: missing data, devices, programs, disk space. */
import { checkData, dataRoot } from "../data/index.ts";
import { UserError } from "../errors.ts";
import { exists, freeSpace } from "../files/index.ts";
import { missingProgram } from "../metric/index.ts";
import { type AnyRecipe, hasNetwork } from "../recipe/index.ts";
import { existingRun, paths } from "../run/index.ts";
import { requireDevice } from "../runtime-node/index.ts";
import { showWhole } from "../show.ts";
import { commandOf, type RunOptions, requireOwnCommand, stagesToDo } from "./pipeline.ts";
import type { MetricPlan, Plan } from "./plan.ts";
import { gigabytes, requireMemory } from "./require-memory.ts";

/** A run as it would be started. */
export interface PlannedRun extends Pick<RunOptions, "folder" | "stages" | "force" | "allowMemory" | "allowCommand"> {
  readonly recipe: AnyRecipe;
  readonly plan: Plan | MetricPlan;
}

/**
 * Everything that would stop a run, in the order in which it would meet it; nothing where all its
 * stages are done. Image files are not decoded, and no command is run.
 */
export async function obstacles(run: PlannedRun): Promise<UserError[]> {
  if ((await stagesToDo(run)).length === 0) return [];
  const checks = [ownCommand, program, memory, reusedRun, data, device, disk];
  const found: UserError[] = [];
  for (const check of checks) {
    try {
      await check(run);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      found.push(error);
    }
  }
  return found;
}

/** A run asks on a terminal, or refuses a command that the user has not typed. */
async function ownCommand({ recipe, stages, allowCommand = false }: PlannedRun): Promise<void> {
  // A dry run trusts nothing that was not trusted before.
  if (!allowCommand) await requireOwnCommand({ recipe, ...(stages && { stages }) });
}

function program({ recipe, stages }: PlannedRun): void {
  const command = commandOf({ recipe, ...(stages && { stages }) });
  const missing = command === undefined ? undefined : missingProgram(command);
  if (missing !== undefined)
    throw new UserError(
      "E_RUN",
      `there is no program ${missing}, which the command ${showWhole(command ?? "")} starts with; install it, or give its path`,
    );
}

function memory({ recipe, plan, allowMemory = false }: PlannedRun): void {
  if (!allowMemory) requireMemory(recipe.name, plan);
}

async function reusedRun({ recipe: { zoo }, folder }: PlannedRun): Promise<void> {
  if ("reuse" in zoo && zoo.reuse !== undefined && !(await exists(paths(folder).zooIndex)))
    await existingRun(zoo.reuse);
}

async function data({ recipe }: PlannedRun): Promise<void> {
  if (hasNetwork(recipe)) await checkData({ ...recipe.data, root: dataRoot(), seed: recipe.seed });
}

const device = ({ recipe }: PlannedRun): Promise<void> => requireDevice(recipe.device.name);

async function disk({ folder, plan: { diskBytes } }: PlannedRun): Promise<void> {
  const { folder: place, freeBytes } = await freeSpace(folder);
  if (diskBytes > freeBytes)
    throw new UserError(
      "E_DISK",
      `the run takes about ${gigabytes(diskBytes)}, and ${place} has ${gigabytes(freeBytes)} free; free some space, or choose a folder on another disk (--run)`,
    );
}
